/* tests/differential/main.c - Random programs by their seeds, without libFuzzer: how many, or just one again.
 *
 *   differential [-n SEEDS] [-t SECONDS] [-r] [-o | -a] [SEED]
 *   differential -p | -v | -b | -x FILE SEED
 *
 * From the seed SEED on (1); -n: so many, -t: so long. The program of a difference is made small, and with it stands
 * the command that does it again. -r: what the compiler refuses is a difference too. -o: of each, what must hold
 * of any program (oracles.h), in place of what it does; -a: what it does when an allocation fails, each in turn
 * (starving.h). -p prints the program of SEED,
 * -v what the interpreter does with it, -x what it does with that of a file instead, -b the bytes that choose it, as
 * the fuzzer takes them. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/differential/differ.h"
#include "tests/differential/starving.h"
#include "tests/fuzz/fuzz.h"

enum { BYTES = 3000, TRIES = 600 };

static uint64_t next(uint64_t *state) /* SplitMix64 */
{
    uint64_t x = *state += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void bytes_of(uint64_t seed, uint8_t bytes[BYTES])
{
    for (int i = 0; i < BYTES; i++) bytes[i] = (uint8_t)(next(&seed) >> 32);
}

static enum difference (*compare)(const uint8_t *bytes, size_t length, FILE *report, struct differ_told *told) = differ;

static enum difference tried(const uint8_t *bytes, size_t length)
{
    FILE *nowhere = fopen("/dev/null", "w");
    MUST(nowhere);
    enum difference found = compare(bytes, length, nowhere, NULL);
    fclose(nowhere);
    return found;
}

/* Shorter inputs, and inputs with zeros in them, as long as they differ still. */
static size_t shrink(uint8_t bytes[BYTES], enum difference like)
{
    size_t length = BYTES;
    int tries = 0;
    for (size_t cut = BYTES / 2; cut > 0; cut /= 2)
        while (length > cut && tries++ < TRIES && tried(bytes, length - cut) == like) length -= cut;
    for (size_t piece = length / 4 + 1; piece > 0; piece /= 2)
        for (size_t at = 4; at < length && tries < TRIES; at += piece) {
            uint8_t kept[BYTES];
            size_t room = length - at < piece ? length - at : piece;
            memcpy(kept, bytes, BYTES);
            memmove(bytes + at, bytes + at + room, length - at - room);
            tries++;
            if (tried(bytes, length - room) == like) {
                length -= room;
                at -= at > piece ? piece : 0;
                continue;
            }
            memcpy(bytes, kept, BYTES);
            memset(bytes + at, 0, room);
            if (!memcmp(bytes, kept, BYTES) || tried(bytes, length) == like) continue;
            memcpy(bytes, kept, BYTES);
        }
    return length;
}

static void tell(const char *program, uint64_t seed, uint8_t bytes[BYTES], enum difference found)
{
    printf("seed %llu %s; again: %s -n 1%s %llu\nmade smaller:\n", (unsigned long long)seed,
           found == DIFFER_FOUND ? "differs" : "is refused", program,
           compare == differ_oracles    ? " -o"
           : compare == differ_starving ? " -a"
           : found == DIFFER_FOUND      ? ""
                                        : " -r",
           (unsigned long long)seed);
    size_t length = shrink(bytes, found);
    compare(bytes, length, stdout, NULL);
}

/* Why they are not comparable. */
static struct {
    const char *why;
    unsigned long long count;
} reasons[40];

static void count_reason(const char *why)
{
    unsigned i = 0;
    while (reasons[i].why && strcmp(reasons[i].why, why) != 0) i++;
    MUST(i + 1 < sizeof reasons / sizeof *reasons);
    reasons[i].why = why;
    reasons[i].count++;
}

static bool number_of(const char *text, unsigned long long *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return *text && !*end;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    unsigned long long seed = 1, count = 1000, seconds = 0, counts[4] = {0}, steps = 0;
    bool refusals = false, program = false, trace = false, chosen = false, good = true;
    for (int option; (option = getopt(argc, argv, "n:t:roaspvbx:")) != -1;) {
        if (option == 'n') good = number_of(optarg, &count) && good;
        if (option == 't') good = number_of(optarg, &seconds) && good;
        refusals = refusals || option == 'r';
        if (option == 'o') compare = differ_oracles;
        if (option == 'a') compare = differ_starving;
        if (option == 's') compare = differ_secrets;
        program = program || option == 'p';
        trace = trace || option == 'v' || option == 'x';
        if (option == 'x') path = optarg;
        chosen = chosen || option == 'b';
        good = good && option != '?';
    }
    if (!good || (optind < argc && !number_of(argv[optind], &seed))) {
        fprintf(stderr,
                "usage: differential [-n SEEDS] [-t SECONDS] [-r] [-o] [-a] [-s] [-p] [-v] [-b] [-x FILE] [SEED]\n");
        return 2;
    }
    time_t until = seconds ? time(NULL) + (time_t)seconds : 0;
    int found_at_all = 0;
    uint8_t bytes[BYTES];
    for (unsigned long long i = 0; seconds ? time(NULL) < until : i < count; i++, seed++) {
        struct differ_told told = {0};
        bytes_of(seed, bytes);
        if (program) differ_show(bytes, BYTES, stdout);
        if (trace) differ_trace(bytes, BYTES, path, stdout);
        if (chosen) fwrite(bytes, 1, BYTES, stdout);
        if (program || trace || chosen) return 0;
        FILE *nowhere = fopen("/dev/null", "w");
        MUST(nowhere);
        enum difference found = compare(bytes, BYTES, nowhere, &told);
        fclose(nowhere);
        counts[found]++;
        steps += told.waits;
        if (found == DIFFER_UNKNOWN) count_reason(told.unknown);
        if (found != DIFFER_FOUND && !(refusals && found == DIFFER_REFUSED)) continue;
        tell(argv[0], seed, bytes, found);
        found_at_all = 1;
        break;
    }
    printf("%llu programs, %llu steps: %llu the same, %llu not comparable, %llu refused, %llu different\n",
           counts[0] + counts[1] + counts[2] + counts[3], steps, counts[DIFFER_SAME], counts[DIFFER_UNKNOWN],
           counts[DIFFER_REFUSED], counts[DIFFER_FOUND]);
    for (unsigned i = 0; reasons[i].why; i++) printf("not comparable: %llu: %s\n", reasons[i].count, reasons[i].why);
    bool strange = counts[DIFFER_REFUSED] > 10 + counts[DIFFER_SAME] / 20;
    if (strange) printf("the compiler refuses too many programs: -r shows one\n");
    return found_at_all || strange;
}
