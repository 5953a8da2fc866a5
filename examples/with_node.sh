#!/bin/sh
# The same stream, read by Node: prints how long each article is, or why it failed.
#
#     sh examples/with_node.sh < articles.jsonl
cleaner clean - --quiet | node --eval '
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const record = JSON.parse(line);
  console.log(record.id ?? record.record, record.error ?? record.text.length);
});'
