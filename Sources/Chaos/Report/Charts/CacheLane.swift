/// The share of cache look-ups that hit, from the servers' counters, between one sample and the next.
struct CacheLane: Lane {
    let title = "Cache hits"
    let subtitle = "share of look-ups"
    let height = 60.0
    /// The run's nanoseconds and the share from 0 to 1; nil where nothing was looked up.
    let shares: [(time: Int64, share: Double?)]

    init(metrics: [MetricsSample], axis: TimeAxis) {
        let step = TimeAxis.bucketNanoseconds * 4
        shares = stride(from: axis.range.lowerBound, to: axis.range.upperBound, by: Int(step)).map { start in
            // Samples are half a second apart: two seconds around the moment hold at least two of every server.
            let window = (start - step / 2)..<(start + step + step / 2)
            func growth(_ result: String?) -> Double {
                CounterDelta.sum(in: window, of: metrics) {
                    $0.name == "marketplace_cache_requests_total" && (result == nil || $0.labels["result"] == result)
                }
            }
            let all = growth(nil)
            return (start + step / 2, all > 0 ? growth("hit") / all : nil)
        }
    }

    func draw(into drawing: inout Drawing, top: Double, axis: TimeAxis) {
        tick("100 %", y: top, into: &drawing)
        tick("50", y: top + height / 2, into: &drawing)
        tick("0", y: top + height, into: &drawing)
        drawing.polyline(
            shares.map { sample in
                sample.share.map { (x: axis.x(sample.time), y: top + height * (1 - $0)) }
            }, class: "cache-line")
    }
}
