/* compiler/language/limits.h - Limits of the language that the image has, too: lower/emit.c asserts that they agree. */
#pragma once

/* The most arguments of a native, and the most bytes of its name. */
enum { NATIVE_ARGUMENTS_LIMIT = 6, NATIVE_NAME_LIMIT = 63 };
