/* tests/unit/base_shown.c - Nothing from outside moves the cursor, turns the writing or hides itself. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"
#include "base/shown.h"

static void is_shown(const char *text, const char *expected)
{
    char *copy = shown_copy(text);
    cr_expect_str_eq(copy, expected);
    free(copy);
}

Test(shown, what_a_terminal_would_obey_is_a_number)
{
    is_shown("Dupont caf\xc3\xa9 \xf0\x9f\x98\x80 \xe4\xb8\xad", "Dupont caf\xc3\xa9 \xf0\x9f\x98\x80 \xe4\xb8\xad");
    is_shown("a\x1b[2Jb\r\n\t\x7f", "a\\u{1b}[2Jb\\u{d}\\u{a}\\u{9}\\u{7f}");
    is_shown("\xc2\x85\xc2\x9b", "\\u{85}\\u{9b}");
    is_shown("\xe2\x80\xaegnp.exe", "\\u{202e}gnp.exe");
    is_shown("\xe2\x80\xa8\xe2\x81\xa6\xef\xbb\xbf\xd8\x9c", "\\u{2028}\\u{2066}\\u{feff}\\u{61c}");
    is_shown("\xf3\xa0\x81\x81", "\\u{e0041}");
    is_shown("\xff\xed\xa0\x80", "????");
}

Test(shown, a_text_is_cut_between_characters)
{
    char out[8];
    cr_expect_eq(shown_text(out, sizeof out, "abc\xe2\x80\xae"), 3);
    cr_expect_str_eq(out, "abc");
    cr_expect_eq(shown_text(out, sizeof out, "abcdef\xc3\xa9"), 6);
    cr_expect_str_eq(out, "abcdef");
}

Test(shown, lines_stay_lines)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    shown_write(out, "first\nsecond\x1b\n");
    shown_print(out, "%s\t%d", "\xc2\x9b", 3);
    fclose(out);
    cr_expect_str_eq(text, "first\nsecond\\u{1b}\n\\u{9b}\t3");
    free(text);
}

static void is_shown_url(const char *url, const char *expected)
{
    char *copy = shown_url(url);
    cr_expect_str_eq(copy, expected);
    free(copy);
}

Test(shown, a_url_is_told_without_its_secrets)
{
    is_shown_url("https://crm.example/in/", "https://crm.example/in/");
    is_shown_url("https://us:sesame@crm.example/in", "https://****@crm.example/in");
    is_shown_url("https://crm.example/in?key=sesame&lang=de#top", "https://crm.example/in?key=****&lang=****#top");
    is_shown_url("https://us:ses?ame@crm.example/?sesame", "https://****@crm.example/?****");
    is_shown_url("crm.example?a=&&b=ses=ame", "crm.example?a=****&&b=****");
    is_shown_url("", "");
    is_shown_url("https://crm.example/?", "https://crm.example/?");
}

Test(shown, a_cell_of_a_spreadsheet_is_no_formula)
{
    static const char *const cells[][2] = {{"", ""},          {"Ann", "Ann"},        {"a,b", "\"a,b\""},
                                           {"=1+1", "'=1+1"}, {"-1", "'-1"},         {"@a", "'@a"},
                                           {"\t=1", "'\t=1"}, {"\r=1", "\"'\r=1\""}, {"+\"a\"", "\"'+\"\"a\"\"\""}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char *text;
        size_t length;
        FILE *file = memory_stream(&text, &length);
        csv_show(file, cells[i][0]);
        fclose(file);
        cr_expect_str_eq(text, cells[i][1]);
        free(text);
    }
}
