/* compiler/sql/natives.c - Natives that statements call: reads their signatures from the header of `gcxc headers`.
 *
 *     GCX_NATIVE_SIGNATURE(score, "int(str, time)");  -->  a function of SQL that takes two values
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "compiler/sql/schema.h"
#include "vm/native.h"

#define SIGNATURE_BEGINS "GCX_NATIVE_SIGNATURE("

/* The body of each such function; it is never called, as no statement is run. */
static void never_called(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_null(context);
}

/* Reads NAME, "SIGNATURE" at `at`; false: the text has another form. */
static bool native_read(const char *at, char name[NATIVE_NAME_MAX + 1], struct image_native *row)
{
    char signature[NATIVE_SIGNATURE_MAX];
    size_t length = 0;
    while (isalnum((unsigned char)at[length]) || at[length] == '_') length++;
    if (length == 0 || length > NATIVE_NAME_MAX || strncmp(at + length, ", \"", 3) != 0) return false;
    memcpy(name, at, length);
    name[length] = '\0';
    at += length + 3;
    length = strcspn(at, "\"");
    if (length >= sizeof signature) return false;
    memcpy(signature, at, length);
    signature[length] = '\0';
    return native_signature_read(signature, row);
}

/* Returns why SQL cannot call a function of that name, in words; NULL: it can. */
static const char *native_unfit(sqlite3 *database, const char *name)
{
    sqlite3_stmt *none = NULL;
    char text[NATIVE_NAME_MAX + 16];
    for (const char *at = name; *at; at++)
        if (isupper((unsigned char)*at)) return "SQL does not tell capitals from small letters: name it in small ones";
    snprintf(text, sizeof text, "select %s()", name);
    sqlite3_prepare_v2(database, text, -1, &none, NULL);
    sqlite3_finalize(none);
    return strncmp(sqlite3_errmsg(database), "no such function", 16) == 0 ? NULL
                                                                          : "its name is a word or function of SQL";
}

void sql_natives_load(sqlite3 *database, struct diags *diags, const struct source *source)
{
    char name[NATIVE_NAME_MAX + 1];
    struct image_native row;
    unsigned count = 0;
    for (const char *at = source->text; (at = strstr(at, SIGNATURE_BEGINS)); count++) {
        at += strlen(SIGNATURE_BEGINS);
        struct source_span here = {source->base + (uint32_t)(at - source->text),
                                   source->base + (uint32_t)(at - source->text) + 1};
        const char *unfit = NULL;
        if (!native_read(at, name, &row))
            diag_report(diags, SCHEMA_WRONG, here, "this is no signature of a native");
        else if ((unfit = native_unfit(database, name)))
            diag_report(diags, SCHEMA_WRONG, here, unfit);
        else
            sqlite3_create_function_v2(database, name, row.parameter_count, SQLITE_UTF8, NULL, never_called, NULL, NULL,
                                       NULL);
    }
    if (count > 0) return;
    struct source_span begin = {source->base, source->base + 1};
    diag_hint(diag_report(diags, SCHEMA_WRONG, begin, "it has no signature of a native"),
              "name the header that `gcxc headers` has made");
}
