/* compiler/syntax/library.c - The standard library as data, which library.awk makes from the files of stdlib/. */
#include "compiler/syntax/library.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
    size_t length;
} modules[] = {
#define MODULE(name, text) {name, text, sizeof text - 1},
#include "compiler/syntax/library_texts.def"
#undef MODULE
};

enum { MODULES = sizeof modules / sizeof *modules };

const char *library_text(const char *module, size_t *length)
{
    assert(module && length);
    for (size_t i = 0; i < MODULES; i++) {
        if (strcmp(modules[i].name, module) != 0) continue;
        *length = modules[i].length;
        return modules[i].text;
    }
    return NULL;
}

const char *library_text_at(const char *path, size_t *length)
{
    static const char suffix[] = ".gcx";
    char module[64];
    size_t whole = strlen(path);
    if (!library_owns(path, whole) || whole < sizeof LIBRARY_FOLDER + sizeof suffix - 2) return NULL;
    size_t name = whole - (sizeof LIBRARY_FOLDER - 1) - (sizeof suffix - 1);
    if (name >= sizeof module || strcmp(path + whole - (sizeof suffix - 1), suffix) != 0) return NULL;
    memcpy(module, path + sizeof LIBRARY_FOLDER - 1, name);
    module[name] = '\0';
    return library_text(module, length);
}

bool library_owns(const char *path, size_t length)
{
    return length >= sizeof LIBRARY_FOLDER - 1 && memcmp(path, LIBRARY_FOLDER, sizeof LIBRARY_FOLDER - 1) == 0;
}

const char *library_module(size_t i)
{
    return i < MODULES ? modules[i].name : NULL;
}
