/* compiler/lower/natives.h - Finds the libraries of natives: the compiler's caller gives the function, lowering calls
 * it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compile_natives {
    void *self;
    /* Sets `hash` to the SHA-256 of the library's file. False: there is no such file, and `why` tells how to solve
     * that. */
    bool (*hash)(void *self, const char *library, uint8_t hash[32], char *why, size_t size);
};
