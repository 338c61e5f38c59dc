/// A plain sequence where an asynchronous one is wanted.
struct PlainRows<Source: Sequence>: AsyncSequence where Source.Element == CopyRow {
    let rows: Source

    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: Source.Iterator
        mutating func next() -> CopyRow? { iterator.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: rows.makeIterator()) }
}
