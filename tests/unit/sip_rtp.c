/* tests/unit/sip_rtp.c - Packets, and digits of which each is told once. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/adapters/sip/rtp.h"

TestSuite(sip_rtp, .timeout = 20);

/* A packet of an event. */
static struct rtp event_packet(uint8_t event, uint32_t timestamp, bool end, const uint8_t body[4])
{
    static uint8_t bytes[4];
    memcpy(bytes, body ? body : (uint8_t[]){event, end ? 0x8a : 0x0a, 1, 64}, 4);
    return (struct rtp){.payload = 101, .timestamp = timestamp, .ssrc = 7, .bytes = bytes, .length = 4};
}

/* The digits that these packets are: each is `event`, `timestamp`, `end`, and comes so long after the one before. */
struct step {
    uint8_t event;
    uint32_t timestamp;
    bool end;
    int64_t after_ms;
};

static const char *digits_of(const struct step *steps, size_t count)
{
    static char digits[32];
    struct rtp_events events = {0};
    int64_t now_ms = 1000;
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        struct rtp packet = event_packet(steps[i].event, steps[i].timestamp, steps[i].end, NULL);
        now_ms += steps[i].after_ms;
        char digit = rtp_digit(&events, &packet, now_ms);
        if (digit) digits[length++] = digit;
    }
    digits[length] = '\0';
    return digits;
}
#define DIGITS(...)                                                                                                    \
    digits_of((const struct step[]){__VA_ARGS__}, sizeof(const struct step[]){__VA_ARGS__} / sizeof(struct step))

Test(sip_rtp, of_a_range_of_ports_the_even_ones_count)
{
    cr_assert_eq(rtp_ports(30000, 30009), 5);
    cr_assert_eq(rtp_ports(30001, 30009), 4);
    cr_assert_eq(rtp_ports(30000, 30000), 1);
    cr_assert_eq(rtp_ports(30001, 30001), 0);
}

Test(sip_rtp, a_header_comes_back)
{
    uint8_t packet[RTP_HEADER + 3] = {0};
    struct rtp rtp = {.marker = true, .payload = 8, .sequence = 65535, .timestamp = 0xfedcba98, .ssrc = 0x12345678},
               got;
    rtp_write(packet, &rtp);
    memcpy(packet + RTP_HEADER, "abc", 3);
    cr_assert(rtp_read(packet, sizeof packet, &got));
    cr_assert(got.marker && got.payload == 8 && got.sequence == 65535);
    cr_assert(got.timestamp == rtp.timestamp && got.ssrc == rtp.ssrc && got.length == 3);
    cr_assert_arr_eq(got.bytes, "abc", 3);
}

Test(sip_rtp, contributors_extensions_and_padding_are_left_out)
{
    uint8_t packet[] = {0xb1, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 0, 0, 0, 1, 5, 5, 5, 5, 'x', 'y', 0, 2};
    struct rtp rtp;
    cr_assert(rtp_read(packet, sizeof packet, &rtp));
    cr_assert_eq(rtp.length, 2);
    cr_assert_arr_eq(rtp.bytes, "xy", 2);
    for (size_t length = 0; length < sizeof packet - 1; length++) /* whatever is cut off, nothing behind is read */
        if (rtp_read(packet, length, &rtp)) cr_assert(rtp.bytes + rtp.length <= packet + length);
    packet[0] = 0x31;
    cr_assert_not(rtp_read(packet, sizeof packet, &rtp), "version 0 is not RTP");
}

Test(sip_rtp, a_digit_whose_end_is_repeated_is_one)
{
    cr_assert_str_eq(
        DIGITS({5, 100, false, 20}, {5, 100, false, 20}, {5, 100, true, 20}, {5, 100, true, 20}, {5, 100, true, 20}),
        "5");
}

Test(sip_rtp, a_digit_whose_beginning_is_lost_is_told)
{
    cr_assert_str_eq(DIGITS({11, 100, true, 20}, {11, 100, true, 20}), "#");
}

Test(sip_rtp, the_same_digit_again_is_another)
{
    cr_assert_str_eq(DIGITS({1, 100, false, 20}, {1, 100, true, 20}, {1, 900, false, 20}, {1, 900, true, 20}), "11");
}

Test(sip_rtp, a_late_packet_of_the_digit_before_is_none)
{
    cr_assert_str_eq(DIGITS({1, 100, false, 20}, {2, 900, false, 20}, {1, 100, true, 20}, {2, 900, true, 20}), "12");
}

Test(sip_rtp, a_recording_that_is_played_again_is_keyed_again)
{
    cr_assert_str_eq(DIGITS({5, 100, false, 20}, {5, 100, true, 20}, {5, 100, false, 1000}, {5, 100, true, 20}), "55");
}

Test(sip_rtp, a_late_packet_of_a_digit_that_has_ended_begins_it_not_again)
{
    cr_assert_str_eq(DIGITS({5, 100, false, 20}, {5, 100, true, 20}, {5, 100, false, 20}, {5, 100, false, 500}), "55");
}

Test(sip_rtp, a_hole_in_a_key_behind_one_that_has_ended_is_no_second_key)
{
    cr_assert_str_eq(DIGITS({5, 100, true, 20}, {6, 900, false, 20}, {6, 900, false, 500}), "56");
}

Test(sip_rtp, a_key_that_is_held_for_long_is_one)
{
    cr_assert_str_eq(DIGITS({3, 0, false, 20}, {3, 0xffff, false, 20}, {3, 0xffff, true, 20}), "3");
}

Test(sip_rtp, clocks_that_begin_anew_are_no_lateness)
{
    cr_assert_str_eq(DIGITS({3, 0xfffffff0, true, 20}, {4, 16, true, 20}), "34");
}

Test(sip_rtp, what_is_no_digit_is_not_told)
{
    struct rtp_events events = {0};
    struct rtp rtp = event_packet(16, 1, true, NULL); /* flash */
    cr_assert_eq(rtp_digit(&events, &rtp, 1), 0);
    rtp.length = 3;
    rtp.timestamp = 900;
    cr_assert_eq(rtp_digit(&events, &rtp, 2), 0);
}

Test(sip_rtp, of_digits_none_is_lost_with_two_packets_in_a_hundred)
{
    struct rtp_events events = {0};
    uint32_t random = 1, told = 0, count = 100000;
    for (uint32_t i = 0; i < count; i++)
        for (unsigned packet = 0; packet < 7; packet++) { /* 80 ms, and three ends */
            struct rtp rtp = event_packet((uint8_t)(i % 10), i * 1600, packet >= 4, NULL);
            random = random * 1664525 + 1013904223;
            if ((random >> 16) % 100 >= 2) told += rtp_digit(&events, &rtp, i * 200 + packet * 20) != 0;
        }
    cr_assert_eq(told, count);
}
