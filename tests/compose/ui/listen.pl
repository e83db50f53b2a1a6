# SPDX-License-Identifier: Apache-2.0
# Answers HTTP on 8080 with whether the broker can be reached.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{TERM} = sub { exit 0 };
my $broker = $ENV{KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS} // die "no broker is named";
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 8, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
  my $request = <$client>;
  my $reached = IO::Socket::INET->new(PeerAddr => $broker, Timeout => 5) ? "reached" : "not reached";
  my $body = "$broker is $reached\n";
  printf {$client} "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s", length $body, $body;
  close $client;
}
