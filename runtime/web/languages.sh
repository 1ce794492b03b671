#!/bin/sh
# languages.sh FILE... - Writes the rows of an array of struct language_file (languages.h): the files LANGUAGE.json as C.
for file; do
    name=${file##*/}
    printf '{"%s", (const unsigned char[]){' "${name%.json}"
    od -An -v -tx1 "$file" | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'
    echo "}, $(wc -c <"$file")},"
done
echo "{0},"
