#include "base/when.h"

#include <stdio.h>

#include "base/check.h"

enum {
	MS_PER_SECOND = 1000,
	MS_PER_MINUTE = 60 * MS_PER_SECOND,
	MS_PER_HOUR = 60 * MS_PER_MINUTE,
	MS_PER_DAY = 24 * MS_PER_HOUR,
};

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, what RFC 3339 can write. */
#define WALL_MS_MIN (INT64_C(-62135596800) * 1000)
#define WALL_MS_MAX (INT64_C(253402300799) * 1000 + 999)

static int64_t add_saturating(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static int64_t subtract_saturating(int64_t a, int64_t b)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		return b > 0 ? INT64_MIN : INT64_MAX;
	return difference;
}

instant instant_add(instant t, int64_t ms)
{
	return instant_is_never(t) ? t : (instant){add_saturating(t.ms, ms)};
}

int64_t instant_since(instant t, instant since)
{
	return subtract_saturating(t.ms, since.ms);
}

instant instant_min(instant a, instant b)
{
	return a.ms <= b.ms ? a : b;
}

wall wall_add(wall t, int64_t ms)
{
	return (wall){add_saturating(t.ms, ms)};
}

int64_t wall_since(wall t, wall since)
{
	return subtract_saturating(t.ms, since.ms);
}

/*
 * Days since 1970-01-01 and back, in the Gregorian calendar. Both count years from 1 March, so that
 * the leap day is the last of its year, and in eras of 400 years, which all have the same length.
 */
enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

struct date {
	int64_t year;
	int64_t month; /* 1 to 12 */
	int64_t day;   /* from 1 */
};

/* For years from 0 on: the divisions below round towards zero. */
static int64_t days_of(struct date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t month_from_march = (date.month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

/* For days from 0000-03-01 on. */
static struct date date_of(int64_t days)
{
	int64_t from_era_0 = days + DAYS_TO_1970;
	int64_t era = from_era_0 / DAYS_PER_ERA;
	int64_t day_of_era = from_era_0 % DAYS_PER_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
			       day_of_era / (DAYS_PER_ERA - 1)) /
			      365;
	int64_t day_of_year = day_of_era -
			      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	int64_t month = month_from_march + (month_from_march < 10 ? 3 : -9);

	return (struct date){
		.year = year_of_era + era * 400 + (month <= 2),
		.month = month,
		.day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
	};
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes exactly n digits that make a number from min to max. */
static bool take_number(struct str *rest, size_t n, int64_t min, int64_t max, int64_t *ret_number)
{
	int64_t number;

	/* str_to_i64 alone would let "-5" pass as two digits. */
	if (rest->n < n || !is_digit(rest->p[0]) || !str_to_i64(str_first(*rest, n), &number))
		return false;
	if (number < min || number > max)
		return false;
	*rest = str_after(*rest, n);
	*ret_number = number;
	return true;
}

/* Takes one character that is a or b. */
static bool take_char(struct str *rest, char a, char b)
{
	if (rest->n == 0 || (rest->p[0] != a && rest->p[0] != b))
		return false;
	*rest = str_after(*rest, 1);
	return true;
}

static bool take_date(struct str *rest, struct date *ret_date)
{
	struct date date;

	if (!take_number(rest, 4, 1, 9999, &date.year) || !take_char(rest, '-', '-') ||
	    !take_number(rest, 2, 1, 12, &date.month) || !take_char(rest, '-', '-') ||
	    !take_number(rest, 2, 1, days_in_month(date.year, date.month), &date.day))
		return false;
	*ret_date = date;
	return true;
}

/* Takes ".123456", of which the first three digits count. */
static bool take_fraction(struct str *rest, int64_t *ret_ms)
{
	int64_t ms = 0, weight = 100;

	if (rest->n == 0 || !is_digit(rest->p[0]))
		return false;
	while (rest->n && is_digit(rest->p[0])) {
		ms += (rest->p[0] - '0') * weight;
		weight /= 10;
		*rest = str_after(*rest, 1);
	}
	*ret_ms = ms;
	return true;
}

static bool take_time_of_day(struct str *rest, int64_t *ret_ms)
{
	int64_t hour, minute, second, fraction_ms = 0;

	if (!take_number(rest, 2, 0, 23, &hour) || !take_char(rest, ':', ':') ||
	    !take_number(rest, 2, 0, 59, &minute) || !take_char(rest, ':', ':') ||
	    !take_number(rest, 2, 0, 60, &second))
		return false;
	if (take_char(rest, '.', '.') && !take_fraction(rest, &fraction_ms))
		return false;
	*ret_ms = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND +
		  fraction_ms;
	return true;
}

/* Takes "Z" or "+01:00". */
static bool take_offset(struct str *rest, int64_t *ret_ms)
{
	int64_t hour, minute;
	bool is_west;

	if (take_char(rest, 'Z', 'z')) {
		*ret_ms = 0;
		return true;
	}
	is_west = str_starts(*rest, STR("-"));
	if (!take_char(rest, '+', '-') || !take_number(rest, 2, 0, 23, &hour) ||
	    !take_char(rest, ':', ':') || !take_number(rest, 2, 0, 59, &minute))
		return false;
	*ret_ms = (hour * MS_PER_HOUR + minute * MS_PER_MINUTE) * (is_west ? -1 : 1);
	return true;
}

bool wall_parse(struct str s, wall *ret_wall)
{
	struct str rest = s;
	struct date date;
	int64_t of_day_ms, offset_ms;

	if (!take_date(&rest, &date) || !take_char(&rest, 'T', 't') ||
	    !take_time_of_day(&rest, &of_day_ms) || !take_offset(&rest, &offset_ms) || rest.n)
		return false;
	*ret_wall = (wall){days_of(date) * MS_PER_DAY + of_day_ms - offset_ms};
	return true;
}

struct when_text wall_format(wall t)
{
	int64_t ms = MIN(MAX(t.ms, WALL_MS_MIN), WALL_MS_MAX);
	/* From year 1 on, so that the division rounds downwards before 1970, too. */
	int64_t from_year_1 = ms - WALL_MS_MIN;
	int64_t of_day_ms = from_year_1 % MS_PER_DAY;
	struct date date = date_of(from_year_1 / MS_PER_DAY + WALL_MS_MIN / MS_PER_DAY);
	char fraction[8] = "";
	struct when_text text;

	if (of_day_ms % MS_PER_SECOND)
		snprintf(fraction, sizeof(fraction), ".%03d", (int)(of_day_ms % MS_PER_SECOND));
	snprintf(text.s, sizeof(text.s), "%04d-%02d-%02dT%02d:%02d:%02d%sZ", (int)date.year,
		 (int)date.month, (int)date.day, (int)(of_day_ms / MS_PER_HOUR),
		 (int)(of_day_ms % MS_PER_HOUR / MS_PER_MINUTE),
		 (int)(of_day_ms % MS_PER_MINUTE / MS_PER_SECOND), fraction);
	return text;
}

static int64_t unit_ms_of(struct str unit)
{
	if (str_eq(unit, STR("h")))
		return MS_PER_HOUR;
	if (str_eq(unit, STR("m")))
		return MS_PER_MINUTE;
	if (str_eq(unit, STR("s")))
		return MS_PER_SECOND;
	if (str_eq(unit, STR("ms")))
		return 1;
	return 0;
}

static struct str take_digits(struct str *rest)
{
	struct str from = *rest;

	while (rest->n && is_digit(rest->p[0]))
		*rest = str_after(*rest, 1);
	return str_first(from, from.n - rest->n);
}

/* A unit ends where the next number begins. */
static struct str take_unit(struct str *rest)
{
	struct str from = *rest;

	while (rest->n && !is_digit(rest->p[0]) && rest->p[0] != '.')
		*rest = str_after(*rest, 1);
	return str_first(from, from.n - rest->n);
}

/* 0.digits units; false if that is not a whole number of milliseconds. */
static bool fraction_to_ms(struct str digits, int64_t unit_ms, int64_t *ret_ms)
{
	int64_t numerator = 0, denominator = 1;

	while (str_ends(digits, STR("0")))
		digits.n--;
	/* An hour is 2^8 * 5^5 * 9 ms: it can be divided by ten eight times at most. */
	if (digits.n > 8)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		numerator = numerator * 10 + (digits.p[i] - '0');
		denominator *= 10;
	}
	if (numerator * unit_ms % denominator)
		return false;
	*ret_ms = numerator * unit_ms / denominator;
	return true;
}

/* Adds whole.fraction units to *ms; false if that is more than the maximum. */
static bool add_amount(int64_t *ms, struct str whole, int64_t unit_ms, int64_t fraction_ms)
{
	int64_t count = 0, amount_ms;

	if (whole.n && !str_to_i64(whole, &count))
		return false;
	if (__builtin_mul_overflow(count, unit_ms, &amount_ms))
		return false;
	*ms = add_saturating(*ms, add_saturating(amount_ms, fraction_ms));
	return *ms <= DURATION_MS_MAX;
}

/* Takes one number with its unit off *rest, which begins at that column, and adds it to *ms. */
static int take_amount(struct str *rest, unsigned column, int64_t *ms, struct err *err)
{
	struct str from = *rest, whole, fraction = {0}, number, unit;
	int64_t unit_ms, fraction_ms;

	whole = take_digits(rest);
	if (take_char(rest, '.', '.'))
		fraction = take_digits(rest);
	number = str_first(from, from.n - rest->n);
	if (whole.n + fraction.n == 0)
		return err_at(err, E_SYNTAX, 0, column, "expected a number, as in 90s or 1h30m");
	unit = take_unit(rest);
	unit_ms = unit_ms_of(unit);
	if (unit.n == 0)
		return err_at(err, E_SYNTAX, 0, column + (unsigned)number.n,
			      "the unit after '" STR_FMT "' is missing (h, m, s or ms)",
			      STR_ARG(number));
	if (!unit_ms)
		return err_at(err, E_SYNTAX, 0, column + (unsigned)number.n,
			      "unknown unit '" STR_FMT "' (use h, m, s or ms)", STR_ARG(unit));
	if (!fraction_to_ms(fraction, unit_ms, &fraction_ms))
		return err_at(err, E_SYNTAX, 0, column,
			      "'" STR_FMT STR_FMT "' is not a whole number of milliseconds",
			      STR_ARG(number), STR_ARG(unit));
	if (!add_amount(ms, whole, unit_ms, fraction_ms))
		return err_at(err, E_LIMIT, 0, column, "a duration is at most 100 years");
	return 0;
}

int duration_parse(struct str s, int64_t *ret_ms, struct err *err)
{
	struct str rest = s;
	int64_t ms = 0;

	if (s.n == 0)
		return err_at(err, E_SYNTAX, 0, 1, "a duration is missing, such as 90s or 1h30m");
	if (s.p[0] == '-')
		return err_at(err, E_SYNTAX, 0, 1, "a duration cannot be negative");
	/* The one number that needs no unit, in Go as well. */
	if (str_eq(s, STR("0")))
		rest = (struct str){0};
	while (rest.n) {
		if (take_amount(&rest, (unsigned)(s.n - rest.n) + 1, &ms, err) < 0)
			return -1;
	}
	*ret_ms = ms;
	return 0;
}

struct when_text duration_format(int64_t duration_ms)
{
	/* INT64_MIN has no positive counterpart; nobody sees the millisecond. */
	int64_t ms = duration_ms < 0 ? -MAX(duration_ms, -INT64_MAX) : duration_ms;
	const char *sign = duration_ms < 0 ? "-" : "";
	struct when_text text;
	long long hours = ms / MS_PER_HOUR;
	int minutes = (int)(ms % MS_PER_HOUR / MS_PER_MINUTE);
	int seconds = (int)(ms % MS_PER_MINUTE / MS_PER_SECOND);
	int tenths = (int)(ms % MS_PER_SECOND / 100);
	char *p = text.s;
	size_t n = sizeof(text.s);

	if (hours && minutes)
		snprintf(p, n, "%s%lldh%dm", sign, hours, minutes);
	else if (hours)
		snprintf(p, n, "%s%lldh", sign, hours);
	else if (minutes && seconds)
		snprintf(p, n, "%s%dm%ds", sign, minutes, seconds);
	else if (minutes)
		snprintf(p, n, "%s%dm", sign, minutes);
	else if (seconds && seconds < 10 && tenths)
		snprintf(p, n, "%s%d.%ds", sign, seconds, tenths);
	else if (seconds || ms == 0)
		snprintf(p, n, "%s%ds", sign, seconds);
	else
		snprintf(p, n, "%s%dms", sign, (int)ms);
	return text;
}
