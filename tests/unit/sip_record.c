/* tests/unit/sip_record.c - Recordings: each sound at its place in time, pauses as silence, limits. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/sip/record.h"

TestSuite(sip_record, .timeout = 20);

static char folder[] = "/tmp/gcx-sip-record-XXXXXX", path[64], why[256];
static uint8_t file[4 * 1024 * 1024];
static size_t file_length;
static const struct record_limits limits = {.most_ms = 3600000};

static void begin(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/call.wav", folder);
}

static void finish(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

static uint32_t file_number(size_t at)
{
    return file[at] | (uint32_t)file[at + 1] << 8 | (uint32_t)file[at + 2] << 16 | (uint32_t)file[at + 3] << 24;
}

static void file_is(unsigned channels, uint32_t samples)
{
    FILE *in = fopen(path, "r");
    cr_assert(in);
    file_length = fread(file, 1, sizeof file, in);
    fclose(in);
    cr_assert_eq(file_length, 44 + samples * 2 * channels, "%zu bytes", file_length);
    cr_assert_arr_eq(file + 8, "WAVEfmt ", 8);
    cr_assert_eq(file[22], channels);
    cr_assert_eq(file_number(4), file_length - 8);
    cr_assert_eq(file_number(40), file_length - 44);
}

static int sample(unsigned channels, size_t at, unsigned channel)
{
    size_t byte = 44 + 2 * (at * channels + channel);
    return (int16_t)(file[byte] | file[byte + 1] << 8);
}

/* A packet of 20 ms. */
static void hear(struct recording *recording, unsigned channel, int16_t value, uint32_t timestamp, uint64_t now_ms)
{
    uint8_t codes[160];
    memset(codes, g711_encode(LAW_A, value), sizeof codes);
    record_hear(recording, channel, LAW_A, codes, sizeof codes, 7, timestamp, now_ms);
}

static struct recording *record(unsigned channels)
{
    struct recording *recording = record_open(path, channels, &limits, 1000, why, sizeof why);
    cr_assert(recording, "%s", why);
    return recording;
}

Test(sip_record, both_sides_stand_at_their_time, .init = begin, .fini = finish)
{
    struct recording *recording = record(2);
    struct stat facts;
    for (unsigned i = 0; i < 500; i++) { /* ten seconds; the agent's packets jitter, and one of them is lost */
        hear(recording, 0, 8000, 5000 + i * 160, 1020 + i * 20);
        if (i != 100) hear(recording, 1, (int16_t)(i < 250 ? 2000 : -2000), i * 160, 1020 + i * 20 + i * 7 % 60);
    }
    struct record_end end = record_end(recording, 11000);
    cr_assert_eq(end.length, 44 + 80000 * 4);
    cr_assert_not(end.reason);
    file_is(2, 80000);
    for (unsigned at = 0; at < 79000; at++) {
        bool lost = at >= 16000 && at < 16160;
        cr_assert_gt(sample(2, at, 0), 7000, "at %u", at);
        cr_assert(lost ? sample(2, at, 1) == 0 : abs(sample(2, at, 1)) > 1800, "at %u", at);
    }
    cr_assert_gt(sample(2, 39999, 1), 1000);
    cr_assert_lt(sample(2, 40000, 1), -1000);
    cr_assert_eq(stat(path, &facts), 0);
    cr_assert_eq(facts.st_mode & 0777, 0600);
}

/* As programs read it that show sound: a cue point at its sample, and its label. */
Test(sip_record, moments_are_marked_behind_the_sound, .init = begin, .fini = finish)
{
    struct recording *recording = record(1);
    for (unsigned i = 0; i < 100; i++) hear(recording, 0, 5000, i * 160, 1020 + i * 20);
    record_mark(recording, "anna listens", 1500);
    record_mark(recording, "anna listens no longer", 9000000);
    struct record_end end = record_end(recording, 3000);
    FILE *in = fopen(path, "r");
    cr_assert(in);
    file_length = fread(file, 1, sizeof file, in);
    fclose(in);
    const size_t sound = 44 + 32000, list = sound + 12 + 48, labels = list + 12;
    cr_assert_eq(end.length, file_length);
    cr_assert_eq(file_number(4), file_length - 8);
    cr_assert_eq(file_number(40), 32000u);
    cr_assert_arr_eq(file + sound, "cue \x34\0\0\0\2\0\0\0\1\0\0\0", 16);
    cr_assert_eq(file_number(sound + 12 + 20), 4000u);
    cr_assert_eq(file_number(sound + 36 + 20), 16000u); /* no mark stands behind the end */
    cr_assert_arr_eq(file + list, "LIST", 4);
    cr_assert_eq(file_number(list + 4), file_length - list - 8);
    cr_assert_arr_eq(file + labels, "labl\x11\0\0\0\1\0\0\0anna listens\0\0labl", 30);
    cr_assert_arr_eq(file + labels + 26 + 8, "\2\0\0\0anna listens no longer", 27);
}

Test(sip_record, a_pause_is_silence_of_its_length, .init = begin, .fini = finish)
{
    struct recording *recording = record(1);
    for (unsigned i = 0; i < 300; i++) {
        if (i == 100) record_mask(recording, true, 3000);
        if (i == 195) record_mask(recording, false, 5000);
        /* what was said in the pause is not recorded where it comes late, behind the order that ended the pause */
        hear(recording, 0, 5000, i * 160, i >= 195 && i < 200 ? 5010 : 1020 + i * 20);
    }
    record_end(recording, 7000);
    file_is(1, 48000);
    cr_assert_gt(sample(1, 15999, 0), 4000);
    for (unsigned at = 16000; at < 32000; at++) cr_assert_eq(sample(1, at, 0), 0, "at %u", at);
    cr_assert_gt(sample(1, 32000, 0), 4000);
}

Test(sip_record, one_that_has_ended_says_so_at_once, .init = begin, .fini = finish)
{
    struct record_limits short_one = {.most_ms = 1000};
    struct recording *recording = record_open(path, 1, &short_one, 1000, why, sizeof why);
    cr_assert_not(record_over(recording, 1500));
    cr_assert_str_eq(record_over(recording, 5000), "it is as long as a recording may be");
    record_end(recording, 5000);
}

/* What a full disk took of a write is not in the head's length, and so not in the file. */
Test(sip_record, a_part_of_a_write_is_not_left, .init = begin, .fini = finish)
{
    struct recording *recording = record(1);
    const struct rlimit most = {20001, 20001};
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &most), 0);
    cr_assert(record_over(recording, 9000));
    struct record_end end = record_end(recording, 9000);
    struct stat facts;
    cr_assert_eq(stat(path, &facts), 0);
    cr_assert_eq((uint64_t)facts.st_size, end.length);
}

Test(sip_record, a_clock_that_jumps_or_drifts_is_put_right, .init = begin, .fini = finish)
{
    struct recording *recording = record(1);
    for (unsigned i = 0; i < 50; i++) hear(recording, 0, 5000, i * 160, 1020 + i * 20);
    for (unsigned i = 150; i < 200; i++) hear(recording, 0, 9000, 0xfffff000 + i * 160, 1020 + i * 20);
    record_end(recording, 5000);
    file_is(1, 32000);
    cr_assert_eq(sample(1, 20000, 0), 0);
    cr_assert_eq(sample(1, 23999, 0), 0);
    cr_assert_gt(sample(1, 24000, 0), 8000);
}

Test(sip_record, a_long_silence_is_written, .init = begin, .fini = finish)
{
    struct recording *recording = record(1);
    hear(recording, 0, 5000, 0, 1020);
    hear(recording, 0, 5000, 480000, 61020);
    cr_assert_eq(record_end(recording, 61020).length, 44 + 2 * 480160);
    file_is(1, 480160);
    cr_assert_gt(sample(1, 480159, 0), 4000);
    cr_assert_eq(sample(1, 479999, 0), 0);
}

Test(sip_record, it_ends_at_its_limits, .init = begin, .fini = finish)
{
    struct record_limits tight = {.most_ms = 3000};
    struct recording *recording = record_open(path, 1, &tight, 0, why, sizeof why);
    cr_assert(recording);
    for (unsigned i = 0; i < 500; i++) hear(recording, 0, 5000, i * 160, 20 + i * 20);
    struct record_end end = record_end(recording, 10000);
    cr_assert(end.reason);
    cr_assert_lt(end.length, 44 + 5 * 16000);
    cr_assert_not(record_open(path, 1, &limits, 0, why, sizeof why), "the file is there");
    cr_assert_eq(unlink(path), 0);
    struct record_limits none = {.most_ms = 3000, .free_bytes = UINT64_MAX};
    cr_assert_not(record_open(path, 1, &none, 0, why, sizeof why));
    cr_assert(strstr(why, "less room"), "%s", why);
    cr_assert_neq(access(path, F_OK), 0, "nothing is left behind");
    cr_assert_not(record_open("/nowhere/at.wav", 1, &limits, 0, why, sizeof why));
}

/* What could not be written lacks: nothing behind it may stand in its place. */
Test(sip_record, it_has_ended_once_it_could_not_be_written, .init = begin, .fini = finish)
{
    struct rlimit before;
    struct recording *recording = record(1);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){44, before.rlim_max}), 0);
    hear(recording, 0, 5000, 0, 3020);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    hear(recording, 0, 5000, 16000, 5020);
    struct record_end end = record_end(recording, 6000);
    cr_expect_eq(end.length, 44);
    cr_expect(end.reason);
}

Test(sip_record, its_hash_is_the_file_s, .init = begin, .fini = finish)
{
    uint8_t hash[32], own[32];
    struct recording *recording = record(1);
    hear(recording, 0, 5000, 0, 1020);
    record_end(recording, 1500);
    file_is(1, 4000);
    cr_assert(record_hash(path, hash));
    crypto_hash_sha256(own, file, file_length);
    cr_assert_arr_eq(hash, own, 32);
    cr_assert_not(record_hash("/nowhere", hash));
}

Test(sip_record, speech_is_loud)
{
    uint8_t codes[160];
    memset(codes, g711_encode(LAW_MU, 2000), sizeof codes);
    cr_assert(record_is_loud(LAW_MU, codes, sizeof codes));
    memset(codes, g711_encode(LAW_MU, 40), sizeof codes);
    cr_assert_not(record_is_loud(LAW_MU, codes, sizeof codes));
    cr_assert_not(record_is_loud(LAW_MU, codes, 0));
}
