/* tests/fuzz/fuzz_pulled.c - Any bytes as what PostgreSQL said of a source's statements: refused with a reason, or as
 * pulled_write() would have written it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/sql/pulled.h"
#include "tests/fuzz/fuzz.h"

static const struct pulled *read_text(struct arena *arena, const char *text, size_t length, size_t *errors)
{
    struct source_set *sources = source_set_new(arena);
    struct diags *diags = diags_new(arena, sources);
    const struct pulled *pulled = pulled_read(arena, diags, source_set_add(sources, "a.pulled", text, length));
    char *said = NULL;
    size_t said_length;
    FILE *out = open_memstream(&said, &said_length);
    *errors = diags_print(diags, out, 10);
    fclose(out);
    free(said);
    return pulled;
}

/* Written and read again it is the same. */
static void write_again(struct arena *arena, const struct pulled *pulled)
{
    char *text = NULL;
    size_t length, errors;
    size_t bytes = pulled->count * sizeof *pulled->statements;
    struct pulled_statement *statements = malloc(bytes + 1);
    if (!statements) abort();
    if (bytes > 0) memcpy(statements, pulled->statements, bytes);
    FILE *out = open_memstream(&text, &length);
    pulled_write(out, "crm", statements, pulled->count);
    fclose(out);
    const struct pulled *again = read_text(arena, text, length, &errors);
    MUST(again && again->count == pulled->count);
    for (size_t i = 0; i < pulled->count; i++) {
        const struct pulled_statement *a = &pulled->statements[i], *b = pulled_find(again, a->text);
        MUST(b && memcmp(a->hash, b->hash, PULLED_HASH) == 0);
        MUST(a->column_count == b->column_count && a->parameter_count == b->parameter_count);
        for (size_t c = 0; c < a->column_count; c++) {
            MUST(strcmp(a->columns[c].name, b->columns[c].name) == 0);
            MUST(a->columns[c].type == b->columns[c].type && a->columns[c].null == b->columns[c].null);
        }
    }
    free(statements);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t errors;
    if (length > SOURCE_LIMIT) return 0;
    struct arena *arena = arena_new();
    const struct pulled *pulled = read_text(arena, (const char *)bytes, length, &errors);
    MUST((!pulled) == (errors > 0));
    if (pulled) write_again(arena, pulled);
    arena_free(arena);
    return 0;
}
