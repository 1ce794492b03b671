/* tests/unit/vocabulary_sealed.c - Whatever happens to a sealed text is noticed, and its good lines count. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/vocabulary/sealed.h"

static const char lines[] = "telephone\t7001\tu\t127.0.0.1:5060\t1790000000\n"
                            "path\t7001\tsip:7001@10.1.2.3\t\t-\n"
                            "agent\tmarie\t7001\tready\tunknown\n";

/* Is each line of `some` one of the lines above, and is it whole? */
static bool sealed_are_some(const char *some)
{
    for (const char *line = some, *feed; *line; line = feed + 1) {
        feed = strchr(line, '\n');
        char *whole = feed ? memory_format("\n%.*s\n", (int)(feed - line), line) : NULL,
             *all = memory_format("\n%s", lines);
        bool good = whole && strstr(all, whole);
        free(whole), free(all);
        if (!good) return false;
    }
    return true;
}

Test(vocabulary_sealed, what_was_sealed_is_whole)
{
    char *text = sealed_text(lines), *none = sealed_text("");
    cr_assert(sealed_open(text, strlen(text)));
    cr_assert_str_eq(text, lines);
    cr_assert(*none && sealed_open(none, strlen(none)));
    cr_assert_str_eq(none, "");
    free(text), free(none);
}

Test(vocabulary_sealed, a_text_of_an_earlier_version_is_taken_as_it_is)
{
    char *text = memory_text(lines);
    cr_assert(sealed_open(text, strlen(text)));
    cr_assert_str_eq(text, lines);
    free(text);
}

Test(vocabulary_sealed, a_text_that_is_cut_anywhere_is_noticed)
{
    char *whole = sealed_text(lines);
    for (size_t length = strlen(whole); length-- > 0;) {
        char *text = memory_text(whole);
        text[length] = '\0';
        cr_assert(!sealed_open(text, length), "cut to %zu bytes", length);
        cr_assert(sealed_are_some(text), "%zu: %s", length, text);
        free(text);
    }
    free(whole);
}

Test(vocabulary_sealed, a_byte_that_is_changed_anywhere_is_noticed)
{
    static const char bytes[] = {'\0', '\n', '\t', 'x', '7'};
    char *whole = sealed_text(lines);
    size_t length = strlen(whole);
    for (size_t at = 0; at < length; at++)
        for (size_t i = 0; i < sizeof bytes; i++) {
            char *text = memory_zeroed(length + 1, 1);
            memcpy(text, whole, length);
            text[at] = bytes[i];
            bool same = memcmp(text, whole, length) == 0;
            cr_assert(same || !sealed_open(text, length), "byte %zu is %d", at, bytes[i]);
            cr_assert(same || sealed_are_some(text), "byte %zu is %d: %s", at, bytes[i], text);
            free(text);
        }
    free(whole);
}

Test(vocabulary_sealed, lines_that_are_gone_are_noticed)
{
    char *whole = sealed_text(lines);
    for (const char *line = whole, *feed; *line; line = feed + 1) {
        feed = strchr(line, '\n');
        char *text = memory_format("%.*s%s", (int)(line - whole), whole, feed + 1);
        cr_assert(!sealed_open(text, strlen(text)), "%.*s", (int)(feed - line), line);
        free(text);
    }
    free(whole);
}
