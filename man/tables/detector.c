/* man/tables/detector.c - The tables of gcxdetect: sounds, countries' tones, parameters. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdbool.h>
#include <stdio.h>

void detector_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/detector/options.def"
#undef OPTION
    option_line("help", "", "this text");
    option_line("version", "", "the version of this gcxdetect");
    puts(".El");
}

void detector_sounds(void)
{
#define SOUND(name, cause, final, doc) row(#name, (final) ? #cause : "not final", doc ".");
#include "runtime/detector/sounds.def"
}

/* Prints a cadence as "425 Hz: 500 ms, pause 500 ms; within 10 %; known after 2." A first pause of 0 means a
 * continuous tone. */
static void cadence(const char *sound, int f1, int f2, const int times[4], int cycles, int slack)
{
    char what[128];
    int at = snprintf(what, sizeof what, f2 ? "%d and %d Hz" : "%d Hz", f1, f2);
    if (times[1] == 0)
        at += snprintf(what + at, sizeof what - (size_t)at, ", %d ms and on", times[0]);
    else
        at += snprintf(what + at, sizeof what - (size_t)at, ": %d ms, pause %d ms", times[0], times[1]);
    if (times[2]) at += snprintf(what + at, sizeof what - (size_t)at, ", %d ms, pause %d ms", times[2], times[3]);
    if (times[1])
        snprintf(what + at, sizeof what - (size_t)at, "; within %d %%; known after %d.", slack, cycles);
    else
        snprintf(what + at, sizeof what - (size_t)at, ".");
    row(sound, "", what);
}

void detector_countries(void)
{
#define COUNTRY(name, doc)                                                                                             \
    puts(".Ss " #name);                                                                                                \
    text(doc);                                                                                                         \
    puts(".");                                                                                                         \
    list_begin();
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)                                                    \
    cadence(#sound, f1, f2, (const int[]){on1, off1, on2, off2}, cycles, slack);
#define END_COUNTRY(name) list_end();
#include "runtime/detector/cadences.def"
}

void detector_specials(void)
{
    char what[128];
#define SIT(sound, f1, ms1, f2, ms2)                                                                                   \
    snprintf(what, sizeof what, "%d.%d Hz for %d ms, %d.%d Hz for %d ms.", (f1) / 10, (f1) % 10, ms1, (f2) / 10,       \
             (f2) % 10, ms2);                                                                                          \
    row(#sound, "", what);
#include "runtime/detector/sit.def"
}

void detector_parameters(void)
{
    char aside[64];
#define PARAMETER(name, value, least, most, unit, doc)                                                                 \
    snprintf(aside, sizeof aside, "%d %s, %d to %d", value, unit, least, most);                                        \
    row(#name, aside, doc ".");
#include "runtime/detector/parameters.def"
}

void detector_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/detector/exits.def"
}
