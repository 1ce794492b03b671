/* compiler/language/limits.h - Limits that the language and the image share: lower/emit.c asserts that they agree. */
#pragma once

/* The most arguments of a native, and the most bytes of its name. */
enum { NATIVE_ARGUMENTS_LIMIT = 6, NATIVE_NAME_LIMIT = 63 };
