/* runtime/detector/cli.c - gcxdetect: command line, files, verdicts. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/detector/detector.h"
#include "runtime/detector/wave.h"
#include "runtime/vocabulary/file.h"
#include "runtime/vocabulary/shown.h"

enum cli_exit {
#define EXIT(name, number, doc) CLI_##name = number,
#include "runtime/detector/exits.def"
};

enum {
    OPTION_FIRST = 1000, /* above every letter of getopt */
#define OPTION(id, name, word, doc) OPTION_##id,
#include "runtime/detector/options.def"
    FILE_MAX = 1 << 28, /* bytes of a file: hours of sound */
};

static const struct option options[] = {
#define OPTION(id, name, word, doc) {name, sizeof word > 1 ? required_argument : no_argument, NULL, OPTION_##id},
#include "runtime/detector/options.def"
    {0},
};

struct cli {
    struct detector_rules rules;
    int country;
    int64_t answered_ms;
};

static void detector_help(void)
{
    puts("Usage: gcxdetect [OPTIONS] FILE.wav...\n"
         "\n"
         "Tells what a call has come to by its sound, a line a verdict: ringing, busy, a network's tone, fax, machine, "
         "person,\nsilence. Files have one channel of 8000 samples a second, as 16 bits, A-law or mu-law.\n");
#define OPTION(id, name, word, doc) printf("  --%-16s %s\n", word[0] ? name " " word : name, doc);
#include "runtime/detector/options.def"
    puts("\nCountries:");
#define COUNTRY(name, doc) printf("  %-18s %s\n", #name, doc);
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)
#define END_COUNTRY(name)
#include "runtime/detector/cadences.def"
    puts("\nParameters:");
#define PARAMETER(name, value, least, most, unit, doc) printf("  %-18s %5d %-5s %s\n", #name, value, unit, doc);
#include "runtime/detector/parameters.def"
    puts("\nExit codes:");
#define EXIT(name, number, doc) printf("  %d  %s\n", number, doc);
#include "runtime/detector/exits.def"
}

static enum cli_exit detector_usage(const char *text)
{
    shown_print(stderr, "gcxdetect: %s; try gcxdetect --help\n", text);
    return CLI_usage;
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

/* Whether the program goes on; else it ends so. */
static bool detector_option_take(struct cli *cli, int letter, enum cli_exit *end)
{
    *end = CLI_ok;
    if (letter == OPTION_country) {
        cli->country = detector_country(optarg);
        if (cli->country < 0) *end = detector_usage("there is no such country");
    } else if (letter == OPTION_answered) {
        if (!detector_number_read(optarg, &cli->answered_ms) || cli->answered_ms < 0)
            *end = detector_usage("--answered takes milliseconds");
    } else if (letter == OPTION_set) {
        if (!rule_read(cli, optarg)) *end = detector_usage("--set takes NAME=NUMBER, a parameter within its bounds");
    } else if (letter == OPTION_help || letter == OPTION_version) {
        letter == OPTION_help ? detector_help() : (void)puts("gcxdetect " PACKAGE_VERSION);
        return false;
    } else
        *end = detector_usage(letter == ':' ? "an option lacks its value" : "there is no such option");
    return *end == CLI_ok;
}

static void detector_tell(const char *path, const struct detector_verdict *verdict)
{
    shown_print(stdout, "%s: %s at %u.%03u s", path, detector_sound_name(verdict->sound), verdict->sure_ms / 1000,
                verdict->sure_ms % 1000);
    if (verdict->final)
        printf(", cause %s\n", enum_name_cause(verdict->cause));
    else
        puts(", not final");
}

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
    enum cli_exit end;
    int letter;
    opterr = 0; /* the sentences are ours */
    while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1)
        if (!detector_option_take(&cli, letter, &end)) return (int)end;
    if (optind == argc) return (int)detector_usage("expected a file");
    end = CLI_ok;
    for (int at = optind; at < argc; at++) {
        enum cli_exit one = file_judge(&cli, argv[at]);
        if (end != CLI_refused && one != CLI_ok) end = one;
    }
    if (fflush(stdout) == 0 && !ferror(stdout)) return (int)end;
    shown_print(stderr, "gcxdetect: the verdicts cannot be written out\n");
    return CLI_refused;
}
