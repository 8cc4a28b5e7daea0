-- Takes away lines that were set aside and mention this text.
DELETE FROM quarantine WHERE contains(CAST(line AS VARCHAR), $text)
