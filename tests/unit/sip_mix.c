/* tests/unit/sip_mix.c - The mix: each hears the others and not themselves, and only whom the matrix lets them hear. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/adapters/sip/mix.h"
#include "runtime/adapters/sip/sound_fault.h"

TestSuite(sip_mix, .timeout = 20);

static struct mix *mix;
static int customer, marie, boss;

static void begin(void)
{
    mix = mix_new();
    customer = mix_enter(mix);
    marie = mix_enter(mix);
    boss = mix_enter(mix);
    int seats[] = {customer, marie, boss};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            if (i != j) mix_let(mix, seats[i], seats[j], true);
}

static void finish(void)
{
    mix_free(mix);
}

/* Says one level for so many samples. */
static void say(int seat, int16_t level, size_t count)
{
    uint8_t codes[2000];
    memset(codes, g711_encode(LAW_A, level), count);
    mix_say(mix, seat, LAW_A, codes, count);
}

static int16_t level(int16_t of)
{
    return g711_decode(LAW_A, g711_encode(LAW_A, of));
}

Test(sip_mix, everybody_hears_the_sum_of_the_others, .init = begin, .fini = finish)
{
    say(customer, 1000, 320), say(marie, 3000, 320), say(boss, -500, 320);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, customer)[7], level(3000) + level(-500));
    cr_expect_eq(mix_heard(mix, marie)[0], level(1000) + level(-500));
    cr_expect_eq(mix_heard(mix, boss)[159], level(1000) + level(3000));
}

Test(sip_mix, who_listens_is_not_heard_and_who_whispers_is_heard_by_one, .init = begin, .fini = finish)
{
    mix_let(mix, boss, customer, false);
    say(customer, 1000, 320), say(boss, 2000, 320);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, customer)[0], 0);
    cr_expect_eq(mix_heard(mix, marie)[0], level(1000) + level(2000));
    cr_expect_eq(mix_heard(mix, boss)[0], level(1000));
}

Test(sip_mix, a_voice_begins_once_two_packets_wait_and_goes_on_until_none_does, .init = begin, .fini = finish)
{
    say(customer, 1000, 160);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, marie)[0], 0);
    say(customer, 1000, 160);
    mix_beat(mix), mix_beat(mix);
    cr_expect_eq(mix_heard(mix, marie)[0], level(1000));
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, marie)[0], 0);
}

Test(sip_mix, of_too_much_the_oldest_goes, .init = begin, .fini = finish)
{
    say(customer, 1000, 800), say(customer, 2000, 800);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, marie)[0], level(2000));
    say(customer, 3000, 2000);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, marie)[0], level(3000));
}

Test(sip_mix, a_sum_too_loud_is_cut, .init = begin, .fini = finish)
{
    say(marie, 30000, 320), say(boss, 30000, 320);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, customer)[0], INT16_MAX);
    say(marie, -30000, 320), say(boss, -30000, 320);
    mix_beat(mix), mix_beat(mix), mix_beat(mix);
    cr_expect_eq(mix_heard(mix, customer)[0], INT16_MIN);
}

Test(sip_mix, a_seat_is_free_again_and_silent, .init = begin, .fini = finish)
{
    while (mix_enter(mix) >= 0) continue;
    say(customer, 1000, 320);
    mix_leave(mix, customer);
    int seat = mix_enter(mix);
    cr_assert_eq(seat, customer);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, marie)[0], 0);
    cr_expect_eq(mix_enter(mix), -1);
}

/* An assertion here would end every call of the exchange. */
Test(sip_mix, what_must_hold_and_does_not_leaves_out_that_sound_alone, .init = begin, .fini = finish)
{
    unsigned count;
    cr_expect_null(sound_fault_take(&count));
    mix_leave(mix, boss);
    mix_leave(mix, boss);
    say(boss, 9000, 320);
    mix_let(mix, boss, customer, true), mix_let(mix, customer, customer, true), mix_let(mix, -1, marie, true);
    say(customer, 1000, 320), say(marie, 3000, 320);
    mix_beat(mix);
    cr_expect_eq(mix_heard(mix, boss)[0], 0);
    cr_expect_eq(mix_heard(mix, MIX_SEATS)[0], 0);
    cr_expect_eq(mix_heard(mix, customer)[7], level(3000));
    cr_expect_eq(mix_heard(mix, marie)[7], level(1000));
    cr_expect_str_eq(sound_fault_take(&count), "mix_heard: seat >= 0 && seat < MIX_SEATS && mix->seats[seat].taken");
    cr_expect_eq(count, 7);
    cr_expect_null(sound_fault_take(&count), "told once");
}
