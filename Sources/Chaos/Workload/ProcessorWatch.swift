import CSystemShims
import Synchronization

/// Notices when a processor stands still, be it that a hypervisor has taken it away or that somebody with a higher
/// priority holds it: a thread on each sleeps for a moment, again and again, and tells by how much it overslept (the
/// measure of Gil Tene's jHiccup, per processor). The generator alone would miss a service that was stopped on the
/// other processor.
///
/// Absences too short for that add up, too: where the kernel tells what a hypervisor has taken (``StolenTime``), a
/// processor that lost more than a third of a tenth of a second was held up for what it lost.
///
/// A sleep every 10 ms on each processor costs less than a hundredth of one.
final class ProcessorWatch: Sendable {
    /// From one look to the next; a stop that is shorter may pass unseen.
    private static let period: Int64 = 10_000_000
    /// Looks from one reading of the stolen time to the next.
    private static let looksPerReading = 10
    /// A processor that loses less of a stretch runs on, a little slower.
    private static let stolenShare = 1.0 / 3
    /// More processors than these are not watched: a thread for each of hundreds would be felt.
    private static let maximumProcessors = 16

    private let delays: SchedulingDelays
    private let isStopped = Atomic(false)

    init(_ delays: SchedulingDelays) { self.delays = delays }

    /// Watches until ``stop()``. Where threads cannot be kept on a processor nothing is watched.
    func start() {
        var processors = [CInt](repeating: 0, count: Self.maximumProcessors)
        let count = Int(seaworthy_allowed_processors(&processors, CInt(processors.count)))
        for (index, processor) in processors.prefix(count).enumerated() {
            let look = Unmanaged.passRetained(Look(watch: self, processor: processor, readsStolenTime: index == 0))
            let failure = seaworthy_start_thread(
                { Unmanaged<Look>.fromOpaque($0!).takeRetainedValue().run() }, look.toOpaque())
            if failure != 0 { look.release() }
        }
    }

    /// The threads end with their next look.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// What one thread does.
    private final class Look: Sendable {
        let watch: ProcessorWatch
        let processor: CInt
        /// One of them reads it for all.
        let readsStolenTime: Bool

        init(watch: ProcessorWatch, processor: CInt, readsStolenTime: Bool) {
            self.watch = watch
            self.processor = processor
            self.readsStolenTime = readsStolenTime
        }

        func run() {
            seaworthy_set_thread_name("processor-watch")
            guard seaworthy_pin_thread(processor) == 0 else { return }
            var stolen = StolenTime()
            _ = stolen.take()
            var (looks, elapsed): (Int, Int64) = (0, 0)
            while !watch.isStopped.load(ordering: .relaxed) {
                let late = seaworthy_oversleep(ProcessorWatch.period)
                watch.delays.record(late)
                guard readsStolenTime else { continue }
                looks += 1
                elapsed += ProcessorWatch.period + late
                if looks == ProcessorWatch.looksPerReading {
                    let lost = stolen.take()
                    if Double(lost) > Double(elapsed) * ProcessorWatch.stolenShare { watch.delays.record(lost) }
                    (looks, elapsed) = (0, 0)
                }
            }
        }
    }
}
