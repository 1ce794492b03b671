#!/bin/sh
# web.sh OPENAPI FILE... - Writes web.inc: the pages of the desk and its description as C.
bytes() { od -An -v -tx1 "$1" | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; }
openapi=$1
shift
echo "extern const char desk_openapi[];"
echo "const char desk_openapi[] = {"
bytes "$openapi"
echo "0};"
number=0
for file; do
    number=$((number + 1))
    echo "static const unsigned char web_$number[] = {"
    bytes "$file"
    echo "};"
done
echo "static const struct web_file web_files[] = {"
number=0
for file; do
    number=$((number + 1))
    echo "{\"${file##*/}\", NULL, web_$number, sizeof web_$number},"
done
echo "};"
