// SPDX-License-Identifier: Apache-2.0
// Reads an HdrHistogram log with hdr-histogram-js, which is not ours: one line of JSON per interval.
const fs = require('fs');
const hdr = require(process.argv[2]);

const reader = new hdr.HistogramLogReader(fs.readFileSync(process.argv[3], 'utf8'));
for (let histogram = reader.nextIntervalHistogram(); histogram; histogram = reader.nextIntervalHistogram()) {
  console.log(JSON.stringify({
    count: histogram.totalCount, p50: histogram.getValueAtPercentile(50), p99: histogram.getValueAtPercentile(99),
    max: histogram.maxValue, start: histogram.startTimeStampMsec, end: histogram.endTimeStampMsec,
  }));
}
