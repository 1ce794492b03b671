/* tests/unit/vocabulary_person.c - One form of a person's address, and the same as the standard library's. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/kv.h"

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

Test(vocabulary_person, mails_go_to_an_address_and_nothing_around_it)
{
    static const char *const good[] = {
        "a@b",    "o'hara+x@example.org", "anna@m\303\274nchen.example", "a@b@c", "\"a b\"@c", "\"a,b;(c)@d\"@e",
        "\"a\"@b"};
    static const char *const wrong[] = {"",
                                        "a",
                                        "@b",
                                        "a@",
                                        "a@b c",
                                        " a@b",
                                        "<a@b>",
                                        "a@b,c@d",
                                        "a@b;c@d",
                                        "Anna <a@b>",
                                        "a(b)@c",
                                        "\"\"@c",
                                        "a@b\n",
                                        "a\177@b",
                                        "\377@b",
                                        "\"a b\"c@d",
                                        "\"a b@c",
                                        "\"a<b\"@c",
                                        "\"a\\b\"@c",
                                        "\"a\tb\"@c",
                                        "\"a\"b@c\"@d",
                                        "\"a b\"@",
                                        "\"a b\"",
                                        "\"a, b\"@c",
                                        "\"a, b@c, d\"@e"};
    char longest[DENIED_MAIL_MAX + 2];
    for (size_t at = 0; at < sizeof good / sizeof *good; at++)
        cr_expect(denied_mail_good(span_of(good[at])), "%s", good[at]);
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++)
        cr_expect_not(denied_mail_good(span_of(wrong[at])), "%s", wrong[at]);
    memset(longest, 'a', sizeof longest);
    longest[1] = '@';
    cr_expect(denied_mail_good((struct span){(const uint8_t *)longest, DENIED_MAIL_MAX}));
    cr_expect_not(denied_mail_good((struct span){(const uint8_t *)longest, DENIED_MAIL_MAX + 1}));
}

Test(vocabulary_person, ours_are_known_in_any_spelling)
{
    cr_expect(denied_is_ours("service@shop.example", span_of("Service@SHOP.example")));
    cr_expect_not(denied_is_ours("service@shop.example", span_of("service@shop.example.org")));
    cr_expect(denied_is_ours("*@shop.example", span_of("who@Shop.example")));
    cr_expect_not(denied_is_ours("*@shop.example", span_of("who@not.shop.example")));
    cr_expect_not(denied_is_ours("*@shop.example", span_of("shop.example")));
    cr_expect(denied_is_ours("+4477", span_of("4477")) && denied_is_ours("4477", span_of("+4477")));
    cr_expect_not(denied_is_ours("", span_of("")), "nobody");
    cr_expect_not(denied_is_ours("*", span_of("4477")), "any number");
}

Test(vocabulary_person, a_figure_is_digits_with_a_sign_and_a_point_between_them)
{
    static const char *const good[] = {"0", "-12.50", "007", "12345678901234567.90"};
    static const char *const wrong[] = {"",    "-",   "+1", "1e9", "12.",  ".5",
                                        "-.5", "1,5", " 1", "1 ",  "1..2", "123456789012345678901"};
    for (size_t at = 0; at < sizeof good / sizeof *good; at++)
        cr_expect(denied_is_figure(span_of(good[at])), "%s", good[at]);
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++)
        cr_expect_not(denied_is_figure(span_of(wrong[at])), "%s", wrong[at]);
}

/* Of a record that a strategy adds to a list: one field of that name and length. */
static enum contract_why field_denied(size_t name, size_t value)
{
    static char bytes[LIMIT_dialer_FIELD + 2];
    struct kv kv;
    char key[LIMIT_dialer_NAME + 2] = "";
    kv_init(&kv);
    memset(bytes, 'v', sizeof bytes);
    memset(key, 'n', name);
    kv_put_text(&kv, key, (struct span){(const uint8_t *)bytes, (uint32_t)value});
    enum contract_why why = denied_fields(kv_span(&kv));
    kv_free(&kv);
    return why;
}

Test(vocabulary_person, fields_of_a_record_are_texts_and_numbers_of_some_length)
{
    struct kv kv;
    char key[16];
    cr_expect_eq(field_denied(LIMIT_dialer_NAME, LIMIT_dialer_FIELD), WHY_none);
    cr_expect_eq(field_denied(LIMIT_dialer_NAME + 1, 1), WHY_name);
    cr_expect_eq(field_denied(1, LIMIT_dialer_FIELD + 1), WHY_value);
    kv_init(&kv);
    for (unsigned i = 0; i < LIMIT_dialer_FIELDS; i++) {
        snprintf(key, sizeof key, "field %u", i);
        kv_put_int(&kv, key, 7);
    }
    kv_put_text(&kv, "zone", span_of("UTC")); /* a column is no field, and what is none is nothing */
    for (unsigned i = 0; i < 10; i++) kv_put_none(&kv, "left out");
    cr_expect_eq(denied_fields(kv_span(&kv)), WHY_none);
    kv_put_text(&kv, "one more", span_of(""));
    cr_expect_eq(denied_fields(kv_span(&kv)), WHY_fields);
    kv_clear(&kv);
    kv_put_bool(&kv, "gold", true);
    cr_expect_eq(denied_fields(kv_span(&kv)), WHY_kind);
    kv_free(&kv);
}

Test(vocabulary_person, machines_write_so_often_in_ten_minutes)
{
    struct denied_machine machine = {0};
    cr_expect_not(denied_machine_often(&machine, 2, 1000000));
    cr_expect_not(denied_machine_often(&machine, 2, 2000000));
    cr_expect(denied_machine_often(&machine, 2, 601000000), "the ten minutes are not over");
    cr_expect_not(denied_machine_old(&machine, 601000000));
    cr_expect(denied_machine_old(&machine, 601000001));
    cr_expect_not(denied_machine_often(&machine, 2, 601000001), "and begin anew");
}

Test(vocabulary_person, a_reason_has_the_exit_of_its_adapter)
{
    cr_expect_eq(denied_exit("email", WHY_often), code_suppressed);
    cr_expect_eq(denied_exit("sms", WHY_often), code_refused);
    cr_expect_eq(denied_exit("dialer", WHY_number), code_invalid_number);
    cr_expect_eq(denied_exit("chat", WHY_often), code_ok, "it refuses nobody for that");
    cr_expect_str_eq(contract_sender("email.forward"), "email");
    cr_expect_null(contract_sender("route queue"));
    cr_expect_eq(contract_limit("email", "ANSWERS"), 3u);
    cr_expect_eq(contract_limit("chat", "ANSWERS"), 0u);
}
