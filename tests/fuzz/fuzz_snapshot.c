/* tests/fuzz/fuzz_snapshot.c - A core's snapshot with some bytes altered, after half of the input has happened: it is
 * refused, or its core goes on with the other half without harm. Its digest is left out, which would refuse nearly all.
 */
#define FUZZ_SNAPSHOT 1
#include "tests/fuzz/fuzz_core.c"
