/* tests/fuzz/replay.c - libFuzzer's place in builds without it: runs a target with each of the files given, once. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#pragma weak LLVMFuzzerInitialize

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t room)
{
    (void)bytes, (void)room;
    return length;
}

static bool replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) return false;
    size_t length = (size_t)ftell(file);
    uint8_t *bytes = malloc(length + 1); /* exactly, for the sanitizers: what is read past the end is seen */
    uint8_t *exact = realloc(bytes, length > 0 ? length : 1);
    rewind(file);
    bool good = exact && fread(exact, 1, length, file) == length;
    fclose(file);
    if (good) LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    return good;
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        printf("%s\n", argv[i]); /* the last one named is the one that broke it */
        fflush(stdout);
        if (!replay(argv[i])) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
    }
    return 0;
}
