-- Adds processes not known yet; each of their segments begins with the same words.
INSERT INTO processes
SELECT process_id, host, pid, boot_id, collector_version, python_version, litellm_version, make_timestamptz(min(at_us))
FROM rare_process
ANTI JOIN processes USING (process_id)
GROUP BY ALL
