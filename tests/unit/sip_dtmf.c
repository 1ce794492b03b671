/* tests/unit/sip_dtmf.c - Keys as sound: each is told once, in noise too, and speech is none. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/dtmf.h"
#include "runtime/adapters/sip/g711.h"

TestSuite(sip_dtmf, .timeout = 20);

static int16_t sound[80000];
static size_t length;

static int16_t noise(int most)
{
    static uint32_t state = 7;
    state = state * 1664525 + 1013904223;
    return (int16_t)((int)(state >> 16) % (2 * most + 1) - most);
}

/* Two tones, as they come out of A-law. */
static void add(double low, double high, double loud_low, double loud_high, unsigned ms, int noisy)
{
    for (unsigned i = 0; i < ms * 8; i++) {
        double turn = 2 * 3.14159265358979 * (double)length / 8000;
        double value = loud_low * sin(turn * low) + loud_high * sin(turn * high) + noise(noisy);
        sound[length++] = g711_decode(LAW_A, g711_encode(LAW_A, (int16_t)value));
    }
}

static void add_key(char key, double loud, unsigned on_ms, unsigned off_ms)
{
    static const double low[] = {697, 770, 852, 941}, high[] = {1209, 1336, 1477, 1633};
    static const char keys[] = "123A456B789C*0#D";
    unsigned at = (unsigned)(strchr(keys, key) - keys);
    add(low[at / 4], high[at % 4], loud, loud, on_ms, 20);
    add(0, 0, 0, 0, off_ms, 20);
}

/* The keys that are heard, in packets of so many samples. */
static const char *heard(size_t packet)
{
    static char all[256];
    struct dtmf dtmf = {0};
    all[0] = '\0';
    for (size_t at = 0; at < length; at += packet) {
        char keys[8];
        dtmf_hear(&dtmf, sound + at, length - at < packet ? length - at : packet, keys, sizeof keys);
        strcat(all, keys);
    }
    length = 0;
    return all;
}

Test(sip_dtmf, every_key_is_told_once)
{
    for (size_t packet = 80; packet <= 240; packet += 80) {
        for (const char *key = "0123456789*#ABCD"; *key; key++) add_key(*key, 6000, 60, 60);
        cr_expect_str_eq(heard(packet), "0123456789*#ABCD");
    }
}

Test(sip_dtmf, the_same_key_again_is_another_and_a_long_one_is_one)
{
    for (int i = 0; i < 5; i++) add_key('5', 4000, 50, 60);
    add_key('7', 4000, 2000, 50);
    cr_expect_str_eq(heard(160), "555557");
}

Test(sip_dtmf, soft_and_loud_and_uneven_keys_are_told)
{
    add_key('1', 400, 80, 80);
    add_key('9', 14000, 80, 80);
    add(852, 1336, 6000, 3500, 80, 20); /* 8, with twist */
    add(0, 0, 0, 0, 80, 20);
    add(852, 1336, 3000, 6000, 80, 20);
    cr_expect_str_eq(heard(160), "1988");
}

Test(sip_dtmf, keys_in_noise_and_off_their_pitch_are_told)
{
    add(770 * 1.015, 1477 * 0.985, 5000, 5000, 80, 500);
    add(0, 0, 0, 0, 80, 500);
    add(941 * 0.985, 1209 * 1.015, 5000, 5000, 80, 500);
    cr_expect_str_eq(heard(160), "6*");
}

Test(sip_dtmf, a_packet_that_is_lost_within_a_key_makes_no_second_one)
{
    add_key('3', 5000, 140, 60);
    length -= 160;
    memmove(sound + 480, sound + 640, (length - 480) * sizeof *sound);
    cr_expect_str_eq(heard(160), "3");
}

Test(sip_dtmf, two_blocks_that_noise_spoils_are_no_pause)
{
    for (size_t at = 4 * DTMF_BLOCK; at < 5 * DTMF_BLOCK; at += 8) {
        add_key('3', 5000, 140, 60);
        for (size_t i = at; i < at + DTMF_BLOCK + 8; i++) sound[i] = noise(12000);
        cr_expect_str_eq(heard(160), "3", "at %zu", at);
    }
}

/* A packet that does not come is not heard: the rest follows at once. */
Test(sip_dtmf, with_two_packets_lost_in_a_hundred_nearly_all_keys_of_eighty_milliseconds_are_told)
{
    enum { KEYS = 2000 };
    static const char row[] = "159D*02B7#";
    struct dtmf dtmf = {0};
    uint32_t random = 5, right = 0, told = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        char keys[8], all[32] = "";
        length = 0;
        add_key(row[i % 10], 5000, 80, 80);
        for (size_t at = 0; at < length; at += 160) {
            random = random * 1664525 + 1013904223;
            if ((random >> 16) % 100 < 2) continue;
            dtmf_hear(&dtmf, sound + at, 160, keys, sizeof keys);
            strcat(all, keys);
        }
        told += (unsigned)strlen(all);
        right += all[0] == row[i % 10] && !all[1];
    }
    cr_log_info("%u of %d told, %u right", told, KEYS, right);
    cr_expect_geq(right, KEYS * 995 / 1000, "%u of %d", right, KEYS);
    cr_expect_leq(told, KEYS + 2);
}

Test(sip_dtmf, what_is_no_key_is_not_told)
{
    add(697, 0, 8000, 0, 500, 20);          /* one tone */
    add(425, 0, 8000, 0, 500, 20);          /* ringing */
    add(400, 1000, 5000, 5000, 500, 20);    /* two others */
    add(697, 1209, 8000, 300, 500, 20);     /* much too uneven */
    add(697, 1209, 20, 20, 500, 5);         /* too soft */
    add(697, 770, 5000, 5000, 500, 20);     /* two low ones */
    add(697, 1209, 2500, 2500, 500, 12000); /* drowned */
    add(0, 0, 0, 0, 1000, 15000);           /* noise */
    cr_expect_str_eq(heard(160), "");
}
