/* tests/unit/email_rules.c - The file of rules: what is found, which category a text is about, which line is wrong. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/rules.h"

TestSuite(email_rules, .timeout = 60);

static struct rules *rules_of(const char *text)
{
    char why[300] = "";
    struct rules *rules = rules_read(text, strlen(text), why, sizeof why);
    cr_assert_not_null(rules, "%s", why);
    return rules;
}

static const char file[] = "# mails\n\n[complaint]\nmoney back\n3 lawyer*\n/never .*again/\nÜBERFÄLLIG\n"
                           "[order]\norder\n/[0-9]{3} pieces/\n-5 do not order\n";

Test(email_rules, words_are_found_as_words_in_any_case_and_spacing)
{
    struct rules *rules = rules_of(file);
    static const char *const in[] = {"I want my MONEY\r\n  back!",
                                     "money-back",
                                     "my lawyers",
                                     "We never ever write again",
                                     "Das ist überfällig.",
                                     "u\xcc\x88"
                                     "berfa\xcc\x88"
                                     "llig"};
    static const char *const out[] = {"moneyback", "money in the back", "a flawyer", "again and never",
                                      "",          "uberfallig"};
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        cr_expect(rules_found(rules, "complaint", in[i]), "%s", in[i]);
        cr_expect_not(rules_found(rules, "complaint", out[i]), "%s", out[i]);
    }
    cr_expect_not(rules_found(rules, "no such", "money back"));
    rules_free(rules);
}

Test(email_rules, the_category_with_the_most_points_is_meant)
{
    struct rules *rules = rules_of(file);
    cr_expect_str_eq(rules_classify(rules, "I order 100 pieces"), "order");
    cr_expect_str_eq(rules_classify(rules, "I order 100 pieces, says my lawyer"), "complaint");
    cr_expect_null(rules_classify(rules, "Hello"));
    cr_expect_null(rules_classify(rules, "I order, or give me my money back")); /* as many */
    cr_expect_str_eq(rules_classify(rules, "We do not order 100 pieces. Money back"), "complaint");
    rules_free(rules);
}

Test(email_rules, a_wrong_line_is_named)
{
    static const struct {
        const char *text, *why;
    } wrong[] = {{"[a]\n\n/(/\n", "line 3: "},
                 {"refund\n", "line 1: expected [CATEGORY]"},
                 {"[a\n", "line 1: "},
                 {"[]\n", "line 1: "},
                 {"[a]\nx\n[a]\n", "line 3: there is this category already: a"},
                 {"[a]\n!!!\n", "line 2: there is no word"},
                 {"[a]\n\xff\n", "line 2: it is no UTF-8"},
                 {"[a]\n/\\D/\n", "line 2: a backslash stands before a sign only"},
                 {"[a]\n/[b-A]/\n", "line 2: a range in brackets"},
                 {"[a]\n/[A/\n", "line 2: a bracket is not closed"},
                 {"[a]\n/(((a{1,200}){1,200}){1,200})b/\n", "line 2: "}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char why[300] = "";
        cr_expect_null(rules_read(wrong[i].text, strlen(wrong[i].text), why, sizeof why));
        cr_expect_eq(strncmp(why, wrong[i].why, strlen(wrong[i].why)), 0, "%s: %s", wrong[i].text, why);
    }
}

Test(email_rules, expressions_ignore_case_and_are_not_changed_by_it)
{
    static const struct {
        const char *line, *in, *out;
    } cases[] = {
        {"/A{2,3}[0-9]/", "aa1", "a1"},
        {"/[A-C]x/", "BX", "dx"},
        {"/^[^A-Z]+$/", "1 2 3", "1 a 3"},
        {"/[[:upper:]]9/", "q9", "99"},
        {"/[Z-a]-/", "Z-", "b-"},
        {"/[\xc3\x84-\xc3\x96]\\.?B/", "\xc3\xa4.b", "a.b"},
        {"/STRA\xc3\x9f"
         "E/",
         "Stra\xc3\x9f"
         "e",
         "strase"},
        {"/[]A-]1/", "]1", "b1"},
        {"/[[:digit:]X]Y/", "xy", "zy"},
        {"/[\xc3\x9f]/", "\xe1\xba\x9e", "s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "[a]\n%s\n", cases[i].line);
        struct rules *rules = rules_of(text);
        cr_expect(rules_found(rules, "a", cases[i].in), "%s: %s", cases[i].line, cases[i].in);
        cr_expect_not(rules_found(rules, "a", cases[i].out), "%s: %s", cases[i].line, cases[i].out);
        rules_free(rules);
    }
}

/* Patterns for which other engines try for years. */
Test(email_rules, no_expression_and_no_text_takes_long, .timeout = 10)
{
    struct rules *rules = rules_of("[a]\n/^(a+)+$/\n/(x+x+)+y/\n/(.*)(.*)(.*)(.*)z$/\n");
    size_t length = 200000;
    char *text = malloc(length + 1);
    memset(text, 'a', length);
    memset(text + 1000, 'x', 100000);
    text[length] = 0;
    for (int i = 0; i < 20; i++) cr_expect_null(rules_classify(rules, text));
    free(text);
    rules_free(rules);
}
