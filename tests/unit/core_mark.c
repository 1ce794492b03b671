/* tests/unit/core_mark.c - What customers write when they are asked how it was, from 1 to 5. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/run/mark.h"

static struct answer_mark read(const char *text)
{
    return mark_answered((struct span){(const uint8_t *)text, (uint32_t)strlen(text)});
}

Test(core_mark, a_mark_alone)
{
    static const struct {
        const char *text;
        unsigned mark;
    } all[] = {
        {"5", 5},
        {" \r\n 4 \n\n", 4},
        {"3.", 3},
        {"1!", 1},
        {"4/5", 4},
        {"4 / 5", 4},
        {"2 out of 5.", 2},
        {"2 out of five", 2},
        {"5 stars", 5},
        {"Five Stars", 5},
        {"ONE", 1},
        {"ZWEI", 2},
        {"quatre étoiles", 4},
        {"3 sur 5", 3},
        {"fünf Sterne", 5},
        {"3 von 5 Punkte", 3},
        {"dos", 2},
        {"★★★", 3},
        {"★★★☆☆", 3},
        {"⭐️⭐️⭐️⭐️", 4},
        {"⭐ ⭐", 2},
        {"5⭐", 5},
        {"5️⃣", 5},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct answer_mark found = read(all[i].text);
        cr_expect(found.mark == all[i].mark && !found.asks, "%s: %u", all[i].text, found.mark);
        cr_expect(found.alone || strchr(all[i].text, '!'), "%s", all[i].text);
    }
}

Test(core_mark, a_comment_is_divided_from_it)
{
    static const struct {
        const char *text;
        unsigned mark;
        bool asks;
    } all[] = {
        {"5, thank you", 5, false},
        {"5 - thank you", 5, false},
        {"5. - thank you", 5, false},
        {"5 – thank you", 5, false},
        {"4\nIt took a while.", 4, false},
        {"4.\nIt took a while.", 4, false},
        {"Five stars! The agent was kind.", 5, false},
        {"5 stars the agent was kind", 5, false},
        {"★ never again", 1, false},
        {"1: where is my parcel?", 1, true},
        {"2/5\r\n\r\nWhy?", 2, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct answer_mark found = read(all[i].text);
        cr_expect(found.mark == all[i].mark && found.asks == all[i].asks && !found.alone, "%s: %u", all[i].text,
                  found.mark);
    }
}

Test(core_mark, other_texts_have_none)
{
    static const char *const all[] = {"",
                                      " ",
                                      "0",
                                      "6",
                                      "44",
                                      "59",
                                      "4.5",
                                      "4,5",
                                      "5x",
                                      "5 €",
                                      "5€",
                                      "-5",
                                      "five5",
                                      "fives",
                                      "onerous",
                                      "5 parcels have come",
                                      "3-4 weeks I have been waiting.",
                                      "2–3 times I called",
                                      "1:30 pm works for me",
                                      "1, 2 and 4 arrived broken",
                                      "1- broken\n2- refund",
                                      "5. Where is it",
                                      "1) first",
                                      "5 of the parcels",
                                      "4 of 6",
                                      "Thank you, 5 stars",
                                      "★★★★★★",
                                      "☆",
                                      "\xe2",
                                      "\xe2\x98",
                                      "5 \xe2",
                                      "5\xef\xb8",
                                      "?",
                                      "10/10",
                                      "five parcels",
                                      "fünfzig",
                                      "5 out of"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cr_expect_eq(read(all[i]).mark, 0, "%s: %u", all[i], read(all[i]).mark);
}

/* No byte behind the text is read: each text is cut at each place, in memory of just that length. */
Test(core_mark, a_text_is_read_to_its_end_only)
{
    static const char *const all[] = {"★★★☆☆", "5️⃣ / 5 sterne.", "fünf out of five stars"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (uint32_t length = 0; length <= strlen(all[i]); length++) {
            uint8_t *bytes = malloc(length + 1);
            memcpy(bytes + 1, all[i], length);
            (void)mark_answered((struct span){bytes + 1, length});
            free(bytes);
        }
}

Test(core_mark, a_button_is_known_by_the_name_of_its_message)
{
    cr_expect(mark_pressed(span_of("c:mark:1")));
    cr_expect(!mark_pressed(span_of("c:mark:")) && !mark_pressed(span_of("mark:12")) && !mark_pressed(span_of("")));
}
