#!/bin/sh
# A fake Python: it prints what collection/all.py would print, and runs nothing.
# $1 says what goes wrong; the script and the harness's arguments follow.
wrong=$1
shift 2
for argument; do last=$argument; done
case "$*" in
*--list*)
    if [ "$wrong" = interrupt-list ]; then
        kill -INT "$PPID"
        sleep 60
    fi
    if [ "$wrong" = no-list ]; then
        echo "ImportError: no module named registry" >&2
        exit 1
    fi
    echo '{"implementation": "Fake", "version": "0.1", "names": ["a/one", "a/two"]}'
    exit 0
    ;;
esac
case "$wrong $last" in
"wrong-answer a/two")
    echo '{"name": "a/two", "error": "WrongAnswer: wrong answer: 1 instead of 2"}'
    exit 1
    ;;
"crash a/two") kill -SEGV $$ ;;
"hang a/two") sleep 60 ;;
"interrupt a/two") kill -INT "$PPID"; sleep 60 ;;
esac
echo "warming up"
case "$wrong" in
slow) echo "{\"name\": \"$last\", \"ms\": 20.0}" ;;
*) echo "{\"name\": \"$last\", \"ms\": 2.0}" ;;
esac
