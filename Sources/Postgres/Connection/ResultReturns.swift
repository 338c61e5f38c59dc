import CLibPQ
import Synchronization

/// Where results that were read out go back to the event loop's thread, which freed memory belongs to.
///
/// libpq's results are many small allocations and one of two kilobytes. glibc frees each under the lock of the arena
/// that it came from, so that tasks on other threads would contend with the loop for it, on every single row. Here a
/// result costs two atomic operations to hand back, and the loop frees it.
///
/// A ring without a lock: whoever takes a pointer out of a slot owns it, so that a full ring only means that the
/// returning thread frees an older result itself.
///
/// `@unchecked Sendable`: the slots are atomic, and the memory that holds them is never moved; `taken` is the loop's.
final class ResultReturns: @unchecked Sendable {
    /// A power of two; more than there are calls in flight on a loop between two ticks.
    private static let capacity = 1024
    /// Bytes; a larger result is freed at once, so that an idle ring holds little.
    private static let maximumSize = 8192

    private let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: ResultReturns.capacity)
    private let returned = Atomic<UInt>(0)
    private var taken: UInt = 0

    init() {
        for slot in 0..<Self.capacity { (slots + slot).initialize(to: Atomic(0)) }
    }

    deinit {
        for slot in 0..<Self.capacity { PQclear(take(slot)) }
        slots.deinitialize(count: Self.capacity)
        slots.deallocate()
    }

    /// Takes a result back, from any thread.
    func put(_ result: OpaquePointer) {
        guard PQresultMemorySize(result) <= Self.maximumSize else {
            PQclear(result)
            return
        }
        let slot = Int(returned.wrappingAdd(1, ordering: .relaxed).oldValue) & (Self.capacity - 1)
        let older = slots[slot].exchange(UInt(bitPattern: result), ordering: .acquiringAndReleasing)
        PQclear(OpaquePointer(bitPattern: older))
    }

    /// Frees what has come back; on the loop's thread.
    func drain() {
        let end = returned.load(ordering: .relaxed)
        // What was put but not stored yet stays in its slot until the ring comes round to it.
        for slot in 0..<min(Int(end &- taken), Self.capacity) {
            PQclear(take(Int(taken &+ UInt(slot)) & (Self.capacity - 1)))
        }
        taken = end
    }

    private func take(_ slot: Int) -> OpaquePointer? {
        // Most slots are empty when all has been drained: a load is cheaper than an exchange.
        guard slots[slot].load(ordering: .relaxed) != 0 else { return nil }
        return OpaquePointer(bitPattern: slots[slot].exchange(0, ordering: .acquiringAndReleasing))
    }
}
