# Hardness: the measures of each environment of a benchmark for each of its seeds; one that changes nothing costs nothing.
rule hardness:
    input:
        lambda w: mdp_configs(BENCHMARKS[w.benchmark]),
    output:
        f"{ANALYSIS_ROOT}/{{benchmark}}/hardness.csv",
    log:
        layout.job_log(ANALYSIS_ROOT, "hardness_{benchmark}"),
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    threads: 1
    params:
        seeds=lambda w: " ".join(map(str, BENCHMARKS[w.benchmark].experiment.seeds)),
        register=lambda w: STUDY.registrations(*BENCHMARKS[w.benchmark].mdp_classes),
    shell:
        "python -m colosseum hardness {input:q} --seeds {params.seeds} --cores {threads} -o {output:q} {params.register} > {log:q} 2>&1"
