<?php
/**
 * This file is part of Orchard. See LICENSE.
 */
declare(strict_types=1);

namespace Orchard\Mail;

use DateTime;
use Orchard\Log\{Logger, Level};

const RETRIES = 3;

/** How urgent a letter is. */
enum Priority: string
{
    case Low = 'low';
    case High = 'high';

    public function label(): string { return ucfirst($this->value); }
}

interface Transport
{
    /**
     * Sends one letter.
     */
    public function send(Letter $letter): bool;
}

trait Retries
{
    protected function retry(callable $task, int $times = RETRIES): mixed
    {
        return $task();
    }
}

/**
 * Sends letters, the urgent ones first.
 */
#[Service(public: true)]
final class Mailer implements Transport
{
    use Retries;

    private array $queue = [];

    // Nothing is sent yet.
    public function __construct(
        private readonly Logger $logger, # where errors go
        protected ?DateTime $since = null,
    ) {
    }

    #[Deprecated]
    public static function create(): static
    {
        $log = function (string $text) use (&$queue): void {
            echo $text;
        };
        return new static($log);
    }

    public function send(Letter $letter): bool
    {
        return true;
    }

    abstract protected function connect(): void;
}

# Sorts by priority.
function sorted(array $letters): array
{
    usort($letters, fn($a, $b) => $a <=> $b);
    return $letters;
}

$twice = fn(int $x): int => $x * 2;

if (PHP_SAPI === 'cli') {
    echo sorted([])[0];
}
?>
<p>Sent.</p>
