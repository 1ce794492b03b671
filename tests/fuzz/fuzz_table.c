/* tests/fuzz/fuzz_table.c - Any bytes as the rows of a table, which come out of other programs: refused with a reason,
 * or part of an image that is good. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "compiler/base/source.h"
#include "tests/fuzz/fuzz.h"
#include "vm/image.h"

static const char site[] = "site {\n    default zone \"Europe/Paris\"; default timeout 1m;\n"
                           "    table rows from \"/t.csv\" { key k: str; name: str?; n: int?; d: duration?; p: "
                           "percent?; b: bool?; f: float?; day: date?; at: clock? }\n"
                           "    table areas from \"/t.csv\" { key prefix k: str; n: int? }\n"
                           "}\n";
static const char strategy[] =
    "strategy s on voice { if dnis in rows { stop \"{rows[ani]?.n} {rows[ani]?.day}\"; } stop \"{areas[ani]?.n}\"; }\n";

struct given {
    const char *bytes;
    size_t length;
};

static const char *read_text(void *self, const char *path, size_t *length)
{
    const struct given *input = self;
    const char *name = strrchr(path, '/');
    bool rows = name && !strcmp(name, "/t.csv"), strategies = name && !strcmp(name, "/s.gcx");
    struct given given = rows         ? *input
                         : strategies ? (struct given){strategy, sizeof strategy - 1}
                                      : (struct given){site, sizeof site - 1};
    *length = given.length;
    return given.bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct given input = {(const char *)bytes, length};
    const struct source_overlay overlay = {&input, read_text};
    const struct compile_options how = {.site = "/site.gcx", .overlay = &overlay};
    const char *path = "/s.gcx";
    struct error error;
    size_t image_length;
    if (length > SOURCE_LIMIT) return 0;
    struct compilation *compilation = compiler_compile(&path, 1, &how);
    const uint8_t *made = compilation_image(compilation, &image_length);
    MUST((!made) == (compilation_errors(compilation) > 0));
    struct image *image = made ? image_load(made, image_length, &error) : NULL;
    if (made) MUST(image != NULL);
    image_free(image);
    FILE *nowhere = fopen("/dev/null", "w");
    MUST(nowhere);
    compilation_print(compilation, nowhere);
    fclose(nowhere);
    compilation_free(compilation);
    return 0;
}
