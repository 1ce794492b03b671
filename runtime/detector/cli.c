/* runtime/detector/cli.c - gcxdetect: reads its command line and sound files, and prints the verdicts.
 *
 *     file_judge()   one file: read whole, wave_parse() finds format and sound
 *     wave_judge()   frame by frame through detector_hear(), until a verdict is final
 *
 * --answered sets the moment at which the call was answered: voices are judged only after it. The exit status is the
 * worst of all files: refused is worse than unsure, unsure is worse than good. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/detector/detector.h"
#include "runtime/detector/wave.h"
#include "base/file.h"
#include "base/shown.h"
#include "base/usage.h"

enum cli_exit {
#define EXIT(name, number, doc) CLI_##name = number,
#include "runtime/detector/exits.def"
};

enum {
    FILE_MAX = 1 << 28, /* most bytes of a file: hours of sound */
};

struct cli {
    struct detector_rules rules;
    int country;
    int64_t answered_ms;
};

#define OPTIONS_DEF  "runtime/detector/options.def"
#define OPTIONS_LINE struct cli
#define EXITS_DEF    "runtime/detector/exits.def"
#include "base/usage_rows.h"

static void detector_help_more(void)
{
    puts("\nCountries:");
#define COUNTRY(name, doc) printf("  %-18s %s\n", #name, doc);
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)
#define END_COUNTRY(name)
#include "runtime/detector/cadences.def"
    puts("\nParameters:");
#define PARAMETER(name, value, least, most, unit, doc) printf("  %-18s %5d %-5s %s\n", #name, value, unit, doc);
#include "runtime/detector/parameters.def"
}

static bool detector_number_read(const char *text, int64_t *number)
{
    char *end;
    *number = strtol(text, &end, 10);
    return *text && *end == '\0' && strspn(text, "-0123456789") == strlen(text);
}

static bool rule_read(struct cli *cli, const char *text)
{
    char name[32];
    int64_t value;
    const char *is = strchr(text, '=');
    if (!is || (size_t)(is - text) >= sizeof name) return false;
    snprintf(name, sizeof name, "%.*s", (int)(is - text), text);
    return detector_number_read(is + 1, &value) && detector_rule_set(&cli->rules, name, value);
}

static const char *detector_option(void *self, int option, const char *text)
{
    struct cli *cli = self;
    if (option == OPTION_country) {
        cli->country = detector_country(text);
        return cli->country >= 0 ? NULL : "there is no such country";
    }
    if (option == OPTION_set)
        return rule_read(cli, text) ? NULL : "--set takes NAME=NUMBER, a parameter within its bounds";
    return detector_number_read(text, &cli->answered_ms) && cli->answered_ms >= 0 ? NULL
                                                                                  : "--answered takes milliseconds";
}

static const struct usage usage = {
    .program = "gcxdetect",
    .head =
        "Usage: gcxdetect [OPTIONS] FILE.wav...\n"
        "\n"
        "Tells what a call has come to by its sound, one line per verdict: ringing, busy, a network's tone, fax, "
        "machine, person,\nsilence. Files have one channel of 8000 samples a second, as 16 bits, A-law or mu-law.\n\n",
    .options = usage_options,
    .exits = usage_exits,
    .more = detector_help_more,
    .own = true,
    .read = detector_option,
};

static void detector_tell(const char *path, const struct detector_verdict *verdict)
{
    shown_print(stdout, "%s: %s at %u.%03u s", path, detector_sound_name(verdict->sound), verdict->sure_ms / 1000,
                verdict->sure_ms % 1000);
    if (verdict->final)
        printf(", cause %s\n", enum_name_cause(verdict->cause));
    else
        puts(", not final");
}

/* The detector is large, so it is static; files are judged one after another. */
static enum cli_exit wave_judge(const struct cli *cli, const char *path, const struct wave *wave)
{
    static struct detector detector;
    struct detector_verdict verdict = {0};
    size_t answered = (size_t)cli->answered_ms * (DETECTOR_RATE / 1000), at = 0;
    detector_begin(&detector, &cli->rules, cli->country);
    while (at < wave->count && !verdict.final) {
        int16_t samples[DETECTOR_FRAME];
        size_t count = wave_read(wave, at, samples, DETECTOR_FRAME);
        if (at >= answered) detector_answered(&detector);
        at += detector_hear(&detector, samples, count, &verdict);
        if (verdict.sound != DETECTOR_nothing) detector_tell(path, &verdict);
    }
    if (verdict.final) return CLI_ok;
    shown_print(stdout, "%s: nothing is sure in %zu.%03zu s\n", path, at / 8000, at % 8000 / 8);
    return CLI_unsure;
}

static enum cli_exit file_judge(const struct cli *cli, const char *path)
{
    const char *why;
    size_t length;
    struct wave wave;
    struct error error;
    char *file = file_read(path, FILE_MAX, &length, &why);
    if (!file) {
        shown_print(stderr, "gcxdetect: %s: %s\n", path, why);
        return CLI_refused;
    }
    enum cli_exit end = CLI_refused;
    if (wave_parse((const uint8_t *)file, length, &wave, &error))
        end = wave_judge(cli, path, &wave);
    else
        shown_print(stderr, "gcxdetect: %s: %s\n", path, error.text);
    free(file);
    return end;
}

int main(int argc, char **argv)
{
    struct cli cli = {.rules = detector_rules_usual};
    int end;
    if (!usage_read(&usage, &cli, argc, argv, &end)) return end;
    if (optind == argc) return usage_wrong(&usage, "expected a file");
    end = CLI_ok;
    for (int at = optind; at < argc; at++) {
        enum cli_exit one = file_judge(&cli, argv[at]);
        if (end != CLI_refused && one != CLI_ok) end = (int)one;
    }
    return usage_printed(&usage, "the verdicts") ? end : CLI_refused;
}
