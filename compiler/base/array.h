/* compiler/base/array.h - Growing arrays of the compiler; the owner of an array has its pointer, count and allocated
 * size in three fields. */
#pragma once

#include <stdlib.h>

/* Makes room for one more element. Where memory runs out the process ends. */
#define ARRAY_GROW(array, count, room)                                                                                 \
    do {                                                                                                               \
        if ((count) == (room)) {                                                                                       \
            (room) = (room) ? (room)*2 : 16;                                                                           \
            void *grown_ = realloc((array), (room) * sizeof *(array));                                                 \
            if (!grown_) abort();                                                                                      \
            (array) = grown_;                                                                                          \
        }                                                                                                              \
    } while (0)
