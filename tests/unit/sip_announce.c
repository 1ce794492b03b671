/* tests/unit/sip_announce.c - Announcements: which files they are made of, and what is said where one lacks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/adapters/sip/announce.h"

TestSuite(sip_announce, .timeout = 20);

static char folder[] = "/tmp/gcx-sip-announce-XXXXXX";
static struct sounds *sounds;
static struct kv params;
static struct announcement made;
static char why[512];

static void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    cr_assert(mkdtemp(folder));
    sounds = sounds_new(folder);
    kv_init(&params);
}

static void finish(void)
{
    char command[128];
    sounds_free(sounds);
    kv_free(&params);
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

/* A sound of so many samples, by which it is known. */
static void add_sound(const char *name, uint8_t count)
{
    char path[128];
    uint8_t head[44] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\37\0\0\200\76\0\0\2\0\20\0data";
    const char *slash = strchr(name, '/');
    snprintf(path, sizeof path, "%s/%.*s", folder, slash ? (int)(slash - name) : 0, name);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s.wav", folder, name);
    FILE *out = fopen(path, "w");
    cr_assert(out, "%s", path);
    head[40] = (uint8_t)(count * 2);
    fwrite(head, 1, sizeof head, out);
    for (int i = 0; i < count * 2; i++) fputc(0, out);
    fclose(out);
}

static void value(const char *list, const char *text)
{
    kv_put_text(&params, "prompt", span_of("balance"));
    kv_list_begin(&params, span_of(list));
    kv_put_text(&params, "1", span_of(text));
    kv_list_end(&params);
}

static bool make(const char *language)
{
    return announce_make(&made, sounds, kv_span(&params), language, why, sizeof why);
}

/* Are these the sounds, by their lengths? */
static bool is_made_of(const char *lengths)
{
    bool good = made.count == strlen(lengths);
    for (unsigned i = 0; good && i < made.count; i++) good = made.sounds[i]->count == (size_t)(lengths[i] - '0');
    announce_release(&made);
    return good;
}

Test(sip_announce, a_value_stands_behind_its_prompt, .init = begin, .fini = finish)
{
    add_sound("balance", 1);
    add_sound("fr/say_12", 2);
    add_sound("fr/say_euros", 3);
    value("values", "12 EUR");
    cr_assert(make("fr-CA"), "%s", why);
    cr_assert(is_made_of("123"));
}

Test(sip_announce, music_has_the_files_that_follow_it, .init = begin, .fini = finish)
{
    add_sound("hold", 1);
    add_sound("fr/hold.2", 2);
    add_sound("hold.3", 3);
    add_sound("hold.5", 5);
    kv_put_text(&params, "prompt", span_of("hold"));
    cr_assert(make("fr-CA"), "%s", why);
    announce_music(&made, sounds, kv_span(&params), "fr-CA");
    cr_assert(is_made_of("123"));
}

Test(sip_announce, a_piece_that_lacks_is_named, .init = begin, .fini = finish)
{
    add_sound("balance", 1);
    add_sound("fr/say_12", 2);
    add_sound("say_euros", 4); /* of no language: it is not mixed in */
    value("values", "12 EUR");
    cr_assert_not(make("fr"));
    cr_assert(strstr(why, "/fr/say_euros.wav: No such file"), "%s", why);
    cr_assert_eq(made.count, 0);
}

Test(sip_announce, values_are_all_in_the_site_s_language_else, .init = begin, .fini = finish)
{
    add_sound("balance", 1);
    add_sound("de/say_ein", 5);
    add_sound("fr/say_une", 2);
    add_sound("fr/say_heure", 3);
    value("values", "1:00");
    kv_put_text(&params, "site_language", span_of("fr"));
    cr_assert(make("de"), "%s", why);
    cr_assert(is_made_of("123"));
}

Test(sip_announce, a_folder_without_languages_is_the_site_s, .init = begin, .fini = finish)
{
    add_sound("balance", 1);
    add_sound("say_2", 2);
    add_sound("say_euro", 3);
    value("values", "2 EUR");
    cr_assert(make("de"), "%s", why);
    cr_assert(is_made_of("123"));
}

Test(sip_announce, a_word_is_a_prompt, .init = begin, .fini = finish)
{
    add_sound("balance", 1);
    add_sound("marie", 2);
    value("values", "marie");
    cr_assert(make(""), "%s", why);
    cr_assert(is_made_of("12"));
}

Test(sip_announce, a_choice_is_said_with_its_key, .init = begin, .fini = finish)
{
    add_sound("balance", 1);
    add_sound("en/say_for", 2);
    add_sound("en/say_noon", 3);
    add_sound("en/say_press", 4);
    add_sound("en/say_1", 5);
    value("choices", "12:00");
    cr_assert(make("en"), "%s", why);
    cr_assert(is_made_of("12345"));
}

Test(sip_announce, what_is_too_long_is_refused, .init = begin, .fini = finish)
{
    char text[300];
    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    add_sound("balance", 1);
    value("values", text);
    cr_assert_not(make("en"));
    cr_assert_neq(why[0], '\0');
    cr_assert_eq(made.count, 0);
}
