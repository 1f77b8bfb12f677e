<#
.SYNOPSIS
    Rotates and archives log files.
#>
using namespace System.IO

#Requires -Version 5.1
param(
    [string]$Root = "."
)

enum Level {
    Info
    Error
}

[Flags()] enum Target { File = 1; Console = 2 }

# Something that can be archived.
class Archive {
    [string]$Path
    hidden [int]$Count = 0
    static [int]$Limit = 5

    Archive([string]$path) {
        $this.Path = $path
    }

    # Adds one file.
    [void] Add([string]$file) {
        $this.Count++
        Copy-Item $file $this.Path
    }

    static [Archive] Open([string]$path) {
        return [Archive]::new($path)
    }
}

class ZipArchive : Archive {
    ZipArchive([string]$path) : base($path) {
    }
}

<#
.SYNOPSIS
    Finds logs older than some days.
.PARAMETER Days
    How old.
#>
function Get-OldLog {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [int]$Days
    )
    begin { $limit = (Get-Date).AddDays(-$Days) }
    process {
        function Test-Age($file) {
            return $file.LastWriteTime -lt $limit
        }
        Get-ChildItem $Root -Filter *.log | Where-Object { Test-Age $_ }
    }
}

function Compress-Log([string[]]$Paths) {
    <#
    .SYNOPSIS
        Packs logs into one archive.
    #>
    foreach ($path in $Paths) {
        Compress-Archive -Path $path -DestinationPath "$path.zip"
    }
}

# Sends what it is piped.
filter Send-Line { Write-Host $_ }

function global:Clear-Log {
    Remove-Item $args[0]
}

$formatSize = {
    param($bytes)
    "{0:N1} kB" -f ($bytes / 1kb)
}

workflow Invoke-Nightly {
    Get-OldLog -Days 30
}

Get-OldLog -Days 7 | ForEach-Object { & $formatSize $_.Length }
