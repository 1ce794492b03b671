/* compiler/base/array.h - Growing arrays of the compiler; their owner holds pointer, count and room side by side. */
#pragma once

#include <stdlib.h>

/* Makes room for one more element. Memory that runs out ends the process. */
#define ARRAY_GROW(array, count, room)                                                                                 \
    do {                                                                                                               \
        if ((count) == (room)) {                                                                                       \
            (room) = (room) ? (room)*2 : 16;                                                                           \
            void *grown_ = realloc((array), (room) * sizeof *(array));                                                 \
            if (!grown_) abort();                                                                                      \
            (array) = grown_;                                                                                          \
        }                                                                                                              \
    } while (0)
