#!/bin/sh
# Any language can pipe records through the cleaner: one JSON object a line, in and out. Here it is jq.
# A record that cannot be read comes back with a field "error", and the stream goes on.
#
#     sh examples/with_jq.sh < articles.jsonl > cleaned.jsonl
cleaner clean - --quiet | jq --compact-output 'if .error then {id, error} else {id, text} end'
