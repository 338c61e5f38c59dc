/// The ends and the size of one queue of a ``ScanResistantCache``; its links lie in the slots, so that an entry leaves
/// from anywhere at the same cost.
struct SlotQueue: Sendable {
    /// The newest; -1 when empty.
    var head = -1
    /// The oldest; -1 when empty.
    var tail = -1
    var count = 0
    var bytes = 0
}
