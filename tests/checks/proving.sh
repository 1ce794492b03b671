#!/bin/sh
# tests/checks/proving.sh - The head of the simulated store says of each table of the real database, and of each kind of its
# answers, whether the model has it or leaves it out.
cd "$top_srcdir" || exit 1
head=$(sed '/^#include/q' tests/proving/proving_store.c) failures=0
named=$(grep -rhoE 'CREATE TABLE IF NOT EXISTS gcx_[a-z]+' runtime/journal | sed 's/.* //'
    sed -n '/^enum line_outcome {/,/^}/p' runtime/journal/postgres_line.h | grep -oE 'LINE_[A-Z]+')
[ "$(echo "$named" | wc -l)" -ge 10 ] || { echo "tables and answers are not found"; exit 1; }
for name in $named; do
    echo "$head" | grep -E '^ \* +(has|leaves out): ' | grep -qw "$name" ||
        { echo "tests/proving/proving_store.c: has the model $name, or does it leave it out?"; failures=1; }
done
exit $failures
