/* tests/fuzz/fuzz_flow.c - Any bytes as a file of Composer: it is refused, or becomes sources that parse and, as long
 * as they are not too large for an image, pass the check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compiler.h"
#include "compiler/base/source.h"
#include "compiler/format/format.h"
#include "compiler/import/import.h"
#include "tests/fuzz/fuzz.h"

enum { FLOW_SMALL = 6000 /* bytes of which no program becomes too large */, FLOW_FILES = 8 };

static const char *flow_overlay(void *self, const char *path, size_t *length)
{
    const char *name, *text, *slash = strrchr(path, '/');
    for (size_t i = 0; importer_file(self, i, &name, &text); i++)
        if (strcmp(name, slash ? slash + 1 : path) == 0) {
            *length = strlen(text);
            return text;
        }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[200] = "", *said = NULL;
    size_t room, count = 0;
    const char *name, *text, *paths[FLOW_FILES];
    struct import *import = importer_new();
    bool good = importer_add(import, "/nowhere/main.workflow", (const char *)data, size, why, sizeof why);
    MUST(good == !*why);
    importer_finish(import);
    FILE *out = open_memstream(&said, &room);
    MUST(out);
    for (size_t i = 0; importer_file(import, i, &name, &text); i++) {
        size_t length = strlen(name), whole;
        if (length < 4 || strcmp(name + length - 4, ".gcx") != 0) continue;
        char *formatted = format_text(name, text, strlen(text), &whole, out);
        MUST(formatted || size > FLOW_SMALL);
        free(formatted);
        static char kept[FLOW_FILES][300];
        if (count == FLOW_FILES || strcmp(name, "site.gcx") == 0) continue;
        snprintf(kept[count], sizeof kept[count], "/nowhere/%s", name);
        paths[count] = kept[count], count++;
    }
    if (count > 0 && size <= FLOW_SMALL) {
        struct source_overlay overlay = {import, flow_overlay};
        struct compile_options options = {.check_only = true, .site = "/nowhere/site.gcx", .overlay = &overlay};
        struct compilation *compilation = compile(paths, count, &options);
        size_t errors = compilation_print(compilation, out);
        fclose(out);
        if (errors) fputs(said, stderr);
        MUST(errors == 0);
        compilation_free(compilation);
    } else {
        fclose(out);
    }
    free(said);
    importer_free(import);
    return 0;
}
