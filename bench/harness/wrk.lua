-- Reports as JSON and, when told to, paces: whichever connection is free takes the next place in a fixed
-- timetable, so that the rate does not depend on how fast answers come. (wrk sleeps for whole milliseconds, hence
-- the rounding; the timetable itself is exact.)
local rate = tonumber(os.getenv("BENCH_RATE") or "0")

if rate > 0 then
  local ffi = require("ffi")
  ffi.cdef([[
    typedef struct { long seconds; long nanoseconds; } bench_time;
    int clock_gettime(int clock, bench_time *time);
  ]])
  local time = ffi.new("bench_time")
  local monotonic = 1
  local due

  function delay()
    ffi.C.clock_gettime(monotonic, time)
    local now = tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1e6
    due = (due or now) + 1000 / rate
    return math.max(0, math.floor(due - now + 0.5))
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"bytes":%d,"errors":%d,"p50Us":%d,"p99Us":%d,"meanUs":%.1f}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.mean))
end
