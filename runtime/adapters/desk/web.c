/* runtime/adapters/desk/web.c - Finds the files of the desk's and the console's pages by their paths, and has their
 * languages. */
#include "runtime/adapters/desk/web.h"

#include <string.h>

#include "runtime/adapters/desk/web.inc"

const struct language_file desk_languages[] = {
#include "runtime/adapters/desk/languages.inc"
};

static const struct {
    const char *end, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".wav", "audio/wav"},
    {".woff2", "font/woff2"},
};

static const char *web_file_type(const char *name)
{
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end && i < sizeof types / sizeof *types; i++)
        if (strcmp(end, types[i].end) == 0) return types[i].type;
    return "application/octet-stream";
}

const struct web_file *web_find(const char *name)
{
    static struct web_file found;
    for (size_t i = 0; i < sizeof web_files / sizeof *web_files; i++) {
        if (strcmp(web_files[i].name, name) != 0) continue;
        found = web_files[i];
        found.type = web_file_type(name);
        return &found;
    }
    return NULL;
}
