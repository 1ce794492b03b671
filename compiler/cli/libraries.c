/* compiler/cli/libraries.c - Gives the compiler and the tests access to the libraries of runtime/natives. */
#include "compiler/cli/libraries.h"

#include <stdio.h>

static bool library_hash(void *self, const char *library, uint8_t out[NATIVES_HASH], char *why, size_t size)
{
    struct error error = {0};
    bool good = natives_hash(self, library, out, &error);
    if (!good) snprintf(why, size, "%s", error.text);
    return good;
}

void libraries_open(struct libraries *libraries, const char *folder)
{
    struct natives *all = natives_new("--native DIR allows them", true);
    if (folder) natives_allow_folder(all, folder);
    *libraries =
        (struct libraries){.all = all, .natives = {folder ? all : NULL, library_hash}, .binding = {all, natives_bind}};
}

void libraries_close(struct libraries *libraries)
{
    natives_free(libraries->all);
}

const struct compile_natives *libraries_natives(const struct libraries *libraries)
{
    return libraries->natives.self ? &libraries->natives : NULL;
}
