# Benchmark: run the tuned agents (or, without hyperparameter optimisation, those of the package) on the benchmarks.
BENCHMARK_FOLDER = f"{BENCHMARKING_ROOT}/{{benchmark}}"

if STUDY.configuration["hyperopt"] is None:

    rule agent_config:
        output:
            f"{BENCHMARK_FOLDER}/agents_configs/{{agent}}.gin",
        log:
            f"{BENCHMARKING_ROOT}/job_logs/agent_config_{{benchmark}}_{{agent}}.log",
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            agent=lambda w: STUDY.class_path(w.agent),
        shell:
            "python -m colosseum sample-agents {params.agent} --packaged -o {output} 2> {log}"

else:

    rule agent_config:
        input:
            lambda w: f"{HYPEROPT_ROOT}/hyperopt_{setting_of(w.agent)}/selection/{w.agent}.gin",
        output:
            f"{BENCHMARK_FOLDER}/agents_configs/{{agent}}.gin",
        log:
            f"{BENCHMARKING_ROOT}/job_logs/agent_config_{{benchmark}}_{{agent}}.log",
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        shell:
            "cp {input} {output} 2> {log}"


for _interactions in BENCHMARKS.values():

    rule:
        name:
            f"prepare_{_interactions.name}"
        input:
            own_files(_interactions),
        output:
            mdp_configs(_interactions),
            settings=f"{_interactions.folder}/experiment_config.yml",
        log:
            f"{BENCHMARKING_ROOT}/job_logs/prepare_{_interactions.name}.log",
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            source=_interactions.given,
            folder=lambda w, output: os.path.dirname(output.settings),
            settings=experiment_options(_interactions),
            register=STUDY.registrations(*_interactions.mdp_classes),
        shell:
            "python -m colosseum benchmark {params.source} -o {params.folder} --force {params.settings}"
            " {params.register} 2> {log}"
