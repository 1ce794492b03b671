/* tests/fuzz/fuzz.h - What the targets share: an input taken as choices, a file that is only memory, a program's life.
 *
 * A target is one function, LLVMFuzzerTestOneInput. With --enable-fuzz libFuzzer calls it (make fuzz); in every other
 * build tests/fuzz/replay.c does, with the seeds and with what was found (make check). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv); /* of targets that need it */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t room); /* libFuzzer's own */

/* The input, from its first byte to its last; zeros behind it. */
struct input {
    const uint8_t *bytes;
    size_t length, at;
};

uint8_t input_byte(struct input *);
uint64_t input_number(struct input *, unsigned bytes);
uint64_t input_below(struct input *, uint64_t limit); /* limit > 0 */
/* So many of the bytes that are left, or all of them. */
const uint8_t *input_take(struct input *, size_t wanted, size_t *length);
bool input_ended(const struct input *);

/* Something that must hold whatever the input is. */
#define MUST(what) ((what) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #what))
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

/* A file that holds these bytes, until the next call; it lies in no file system. */
const char *fuzz_file(const void *bytes, size_t length);

/* A path within the source tree, malloc'ed: top_srcdir says where that is. */
char *fuzz_path(const char *within);

/* Everything of an image that can be run, is, with little fuel, and every block is checked at every wait. */
struct image;
void fuzz_drive(const struct image *, struct input *);
/* One of its strategies runs to a wait that the input chooses. A copy of its block; returns the size of that. */
uint32_t fuzz_parked(const struct image *, struct input *, uint64_t words[]);
/* A block from outside: it is refused, or its fibers go on. */
void fuzz_drive_block(const struct image *, const void *block, size_t length, struct input *);

/* For mutators: a number, and one change to an object or array that leaves it one (json.c). */
uint32_t fuzz_random(uint32_t *seed, uint32_t below);
struct json_t;
void fuzz_json(struct json_t *, uint32_t *seed);
