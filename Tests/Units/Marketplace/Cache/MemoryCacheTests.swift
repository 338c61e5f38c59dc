import NIOCore
import Testing

@testable import Marketplace

@Suite("The memory layer")
struct MemoryCacheTests {
    private let now = ContinuousClock.now
    private let product = CacheSubject.product(ProductID(store: StoreID(number: 5), number: 7))
    private let pages = ["1", "2"].map { CacheSubject.page(.list, $0, of: StoreID(number: 5)) }

    private func entry(_ tag: String, bytes: Int = 10) -> MemoryEntry {
        let body = ByteBuffer(repeating: 0x20, count: bytes)
        return MemoryEntry(
            CacheEntry(tag: tag, body: body), now: now, freshFor: .seconds(60), staleFor: .seconds(60))
    }

    private func keep(_ tag: String, _ subject: CacheSubject, in memory: MemoryCache, isVouched: Bool = true) -> Bool {
        let ticket = memory.look(subject.key, in: subject.scope, now: now).ticket
        return memory.keep(entry(tag), for: subject.key, in: subject.scope, ticket: ticket, isVouched: isVouched)
    }

    @Test("an answer that was on its way during a change is not kept")
    func slowReader() {
        let memory = MemoryCache(bytes: 1 << 20)
        let look = memory.look(product.key, in: product.scope, now: now)
        memory.change(product.scope)
        #expect(
            !memory.keep(entry("1"), for: product.key, in: product.scope, ticket: look.ticket, isVouched: true))
        #expect(keep("2", product, in: memory))
        #expect(memory.look(product.key, in: product.scope, now: now).found?.entry.tag == "2")
    }

    @Test("a change ends all pages of a list, and nothing else")
    func pagesEnd() {
        let memory = MemoryCache(bytes: 1 << 20)
        for subject in pages + [product] { #expect(keep("1", subject, in: memory)) }
        memory.change(pages[0].scope)
        for page in pages { #expect(memory.look(page.key, in: page.scope, now: now).found == nil) }
        #expect(memory.look(product.key, in: product.scope, now: now).isCurrent)
    }

    @Test("after a lost channel nothing counts, but may still be shown when there is nothing better")
    func era() {
        let memory = MemoryCache(bytes: 1 << 20)
        #expect(keep("1", product, in: memory))
        let early = memory.look(product.key, in: product.scope, now: now)
        #expect(early.isCurrent)
        memory.beginEra()
        let late = memory.look(product.key, in: product.scope, now: now)
        #expect(!late.isCurrent && late.found?.entry.tag == "1")
        // Nor does what was asked before.
        #expect(
            !memory.keep(entry("1"), for: product.key, in: product.scope, ticket: early.ticket, isVouched: true))
        #expect(keep("2", product, in: memory, isVouched: false))
        #expect(!memory.look(product.key, in: product.scope, now: now).isCurrent)
    }

    @Test("what has passed its end for good is gone")
    func ends() {
        let memory = MemoryCache(bytes: 1 << 20)
        #expect(keep("1", product, in: memory))
        #expect(memory.look(product.key, in: product.scope, now: now + .seconds(119)).found != nil)
        #expect(memory.look(product.key, in: product.scope, now: now + .seconds(120)).found == nil)
        #expect(memory.count == 0 && memory.bytes == 0)
    }

    @Test("ten thousand readers and changers at once: never more bytes than allowed")
    func bound() async {
        let memory = MemoryCache(bytes: 256 << 10, locks: 4)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<1250 {
                        let id = ProductID(store: StoreID(number: 1), number: Int64(number * 8 + task))
                        let subject = CacheSubject.product(id)
                        let look = memory.look(subject.key, in: subject.scope, now: now)
                        if number % 5 == 0 { memory.change(subject.scope) }
                        memory.keep(
                            entry("1", bytes: number), for: subject.key, in: subject.scope, ticket: look.ticket,
                            isVouched: true)
                        #expect(memory.bytes <= 256 << 10)
                    }
                }
            }
        }
        #expect(memory.count > 50)
    }

    @Test("without bytes it keeps nothing, and still knows what has changed")
    func empty() {
        let memory = MemoryCache(bytes: 0)
        #expect(!keep("1", product, in: memory))
        let before = memory.look(product.key, in: product.scope, now: now).ticket
        memory.change(product.scope)
        #expect(memory.look(product.key, in: product.scope, now: now).ticket != before)
    }
}
