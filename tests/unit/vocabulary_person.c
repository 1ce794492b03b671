/* tests/unit/vocabulary_person.c - One form of a person's address, and the same as the standard library's. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/person.h"

TestSuite(vocabulary_person, .timeout = 10);

/* The table of the library's own test, whose rows are COUNTRY, NUMBER, FORM: `make check` runs it there, too. */
Test(vocabulary_person, a_number_has_the_form_that_the_standard_library_gives_it)
{
    char path[512], line[256], country[8], number[128], wanted[32];
    const char *top = getenv("top_srcdir");
    unsigned rows = 0;
    snprintf(path, sizeof path, "%s/stdlib/phone_tests.gcx", top ? top : ".");
    FILE *file = fopen(path, "r");
    cr_assert(file, "%s", path);
    while (fgets(line, sizeof line, file)) {
        char form[PERSON_NUMBER] = "none";
        int length = 0;
        if (sscanf(line, " \"%2[A-Z]\", %n", country, &length) != 1 || length == 0) continue;
        if (strstr(line, "->")) continue; /* of the test's strategy */
        if (sscanf(line + length, "\"%127[^\"]\", \"%31[^\"]\"", number, wanted) != 2) continue;
        if (!person_number(span_of(number), country, form)) strcpy(form, "none");
        cr_expect_str_eq(form, wanted, "%s in %s: %s, not %s", number, country, form, wanted);
        rows++;
    }
    fclose(file);
    cr_assert_gt(rows, 20u, "the table has rows");
}

Test(vocabulary_person, whoever_is_written_in_many_ways_is_one)
{
    static const char *const anna[] = {"+49 (0)30 1234567",  "030/1234567",
                                       "0049 30 1234567",    "+49301234567",
                                       "+49 030 1234567",    "+49 00 30 1234567",
                                       "00490301234567",     "49301234567",
                                       "tel:+49-30-1234567", "SIP:+49301234567@host;user=phone",
                                       " 030 123 45 67 "};
    static const char *const bob[] = {"Bob.Smith@Example.ORG", "<bob.smith@example.org>",
                                      "mailto:bob.smith@example.org", "bob.smith@example.org."};
    for (size_t at = 0; at < sizeof anna / sizeof *anna; at++) {
        cr_expect(person_same(span_of(anna[at]), span_of(anna[0]), "DE"), "%s", anna[at]);
        cr_expect_not(person_same(span_of(anna[at]), span_of("+49301234568"), "DE"));
        cr_expect_not(person_same(span_of(anna[at]), span_of(bob[0]), "DE"));
    }
    for (size_t at = 0; at < sizeof bob / sizeof *bob; at++)
        cr_expect(person_same(span_of(bob[at]), span_of(bob[0]), NULL), "%s", bob[at]);
    cr_expect_not(person_same(span_of("030 1234567"), span_of("+49301234567"), NULL), "of no country");
    cr_expect(person_same(span_of("7001"), span_of(" 7001"), "DE"), "an extension");
    cr_expect_not(person_same(span_of(""), span_of(""), "DE"), "nobody");
}

Test(vocabulary_person, what_reaches_nobody_is_refused_with_a_reason)
{
    char form[PERSON_MAX + 1];
    const char *why = NULL;
    cr_expect_not(person_dialled(span_of("anonymous"), "DE", form, &why));
    cr_expect(strstr(why, "digits"));
    cr_expect_not(person_mail(span_of("bob"), form, &why));
    cr_expect(strstr(why, "mailbox@domain"));
    cr_expect_not(person_mail(span_of("a@b@c"), form, &why));
    cr_expect_not(person_country("XX"));
    cr_expect(person_country("DE"));
}
