/* runtime/sources/list_text.c - Writes the values of a list as JSON. */
#include "runtime/sources/list_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

char *list_as_json(struct span list)
{
    char *text = NULL;
    size_t length = 0;
    struct kv_pair pair;
    bool good = true;
    FILE *out = memory_stream(&text, &length);
    const char *before = "[";
    for (uint32_t at = 0; kv_next(list, &at, &pair); before = ",") {
        const struct kv_value *value = &pair.value;
        fputs(before, out);
        if (value->tag == KV_INT)
            fprintf(out, "%lld", (long long)value->word);
        else if (value->tag == KV_TIME)
            fprintf(out, "%lld", (long long)kv_seconds(value->word));
        else if (value->tag == KV_BOOL)
            fputs(value->word != 0 ? "true" : "false", out);
        else if (value->tag == KV_FLOAT)
            fprintf(out, "%.17g", value->number);
        else if (value->tag == KV_NONE)
            fputs("null", out);
        else if (value->tag != KV_TEXT)
            good = false;
        if (value->tag != KV_TEXT) continue;
        fputc('"', out);
        for (uint32_t i = 0; i < value->span.length; i++) {
            uint8_t byte = value->span.bytes[i];
            if (byte < 0x20)
                fprintf(out, "\\u%04x", byte);
            else
                fprintf(out, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
        }
        fputc('"', out);
    }
    fputs(*before == '[' ? "[]" : "]", out);
    if (fclose(out) != 0) abort();
    if (good) return text;
    free(text);
    return NULL;
}
