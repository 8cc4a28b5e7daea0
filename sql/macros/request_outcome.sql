-- How did a request end, by what is known of its last attempt? A success, whatever came before it, is an answer.
CREATE OR REPLACE MACRO request_outcome(status, upstream, provider_error) AS
    CASE
        WHEN status = 'success' THEN 'answered'
        WHEN status <> 'failure' THEN 'given_up'
        WHEN NOT upstream THEN 'refused'
        WHEN provider_error THEN 'failed'
        ELSE 'own_fault'
    END;
