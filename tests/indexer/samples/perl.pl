#!/usr/bin/perl
# Reads access logs and counts what was asked for.
package Log::Reader;

use strict;
use warnings;
use constant MAX_LINES => 10_000;
use parent 'Log::Base';

our $VERSION = '1.02';

=head1 METHODS

=head2 new

Makes a reader for one file.

=cut

sub new {
    my ($class, %options) = @_;
    my $self = bless { %options, lines => 0 }, $class;
    return $self;
}

# Parses one line in the combined format;
# undef if it is malformed.
sub parse_line {
    my ($self, $line) = @_;
    my $number = sub {
        my $text = shift;
        return $text eq '-' ? 0 : $text;
    };
    return unless $line =~ /^(\S+) .* (\d{3}) (\S+)$/;
    return { host => $1, status => $2, size => $number->($3) };
}

sub _is_error ($status) { return $status >= 400 }

my $by_size = sub {
    return $a->{size} <=> $b->{size};
};

=head2 summarize(@entries)

Totals by host.

=cut

sub summarize {
    my %totals;
    $totals{ $_->{host} } += $_->{size} for @_;
    return \%totals;
}

package Log::Writer {
    # Writes one entry.
    sub write_entry : method {
        my ($self, $entry) = @_;
        print { $self->{handle} } join("\t", %$entry), "\n";
    }
}

package main;

sub usage;
sub Log::Reader::reset { $_[0]{lines} = 0 }

sub greet {
    my $name = shift // 'you';
    return "hello, $name";
}

BEGIN {
    $ENV{LC_ALL} = 'C';
}

my $reader = Log::Reader->new(path => $ARGV[0]);
while (my $line = <STDIN>) {
    my $entry = $reader->parse_line($line) or next;
    print "$entry->{host}\n";
}

1;

__END__

=head1 NAME

Log::Reader - reads access logs

=cut
