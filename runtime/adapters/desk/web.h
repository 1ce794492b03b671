/* runtime/adapters/desk/web.h - The files of the desk's and the console's pages, which local.mk turns into C. */
#pragma once

#include <stddef.h>

#include "runtime/web/languages.h"

struct web_file {
    const char *name, *type;
    const unsigned char *bytes;
    size_t length;
};

const struct web_file *web_find(const char *name); /* NULL: there is none */
extern const struct language_file desk_languages[];
